package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.OutStream;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Bridge;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests a client that ends its connection at each moment of a request, of an upload and of a stream, in each way: no
 * handler gets a truncated content for a whole one, each is notified of the end, and the connection is closed for the
 * right reason.
 */
@Timeout(300)
class RequestEndSweepTest {
    private static final int ROUNDS = Integer.getInteger("parley.ends", 40);
    private static final List<Moment> MOMENTS = List.of(Moment.values());
    private static final List<End> ENDS = List.of(End.values());
    private static final long PATIENCE_SECONDS = 30;

    /**
     * The event that a handler got: a content, "end" for the end of an upload, or "ended" if no client waits any more.
     */
    private record Told(String what, int contentBytes) {}

    private enum Moment {
        BEFORE_A_REQUEST(false, false, false),
        WITHIN_A_HEADER(true, false, false),
        WITHIN_A_CONTENT(true, false, false),
        AFTER_A_REQUEST(false, true, false),
        BETWEEN_PIECES(false, true, true),
        WITHIN_A_PIECE(true, true, true),
        AFTER_AN_UPLOAD(false, true, false),
        WITHIN_A_STREAM(false, true, true);

        final boolean truncates;

        /** True if a handler gets the bytes before this moment. */
        final boolean isOfAHandler;

        /** True if that handler waits for more, or to send more. */
        final boolean leavesAHandler;

        Moment(boolean truncates, boolean isOfAHandler, boolean leavesAHandler) {
            this.truncates = truncates;
            this.isOfAHandler = isOfAHandler;
            this.leavesAHandler = leavesAHandler;
        }

        boolean isOfAnUpload() {
            return this == BETWEEN_PIECES || this == WITHIN_A_PIECE || this == AFTER_AN_UPLOAD;
        }
    }

    private enum End {
        CLOSE,
        SHUTDOWN_OUTPUT,
        RESET
    }

    private record Round(Moment moment, End end, int contentBytes, int cutBytes) {
        static Round any(Random random, boolean mayReset) {
            Moment moment = MOMENTS.get(random.nextInt(MOMENTS.size()));
            End end = ENDS.get(random.nextInt(mayReset ? 3 : 2));
            int bytes = 1 + random.nextInt(random.nextBoolean() ? 100 : 15_000);
            return new Round(moment, end, bytes, random.nextInt(bytes));
        }

        Message content() {
            return Message.binary("x", new byte[contentBytes]);
        }
    }

    private static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);

    private final long seed = Long.getLong("parley.seed", System.nanoTime());
    private final BlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
    private final Census census = new Census();
    private final LoopObserver ends = new LoopObserver() {
        @Override
        public void accepted(Address listening, ConnectionInfo connection) {
            accepted.incrementAndGet();
        }

        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            closed.add(reason);
        }
    };

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix", "mem, mem"})
    void handlersAreToldTheEndAsItWas(String transport, String scheme) throws Exception {
        var random = new Random(seed);
        try (EventLoop loop = census.watch(EventLoop.builder()
                        .transport(scheme.equals("mem") ? MemNetwork.shared() : Usable.transport(transport))
                        .observer(ends)
                        .start());
                Server server = listen(loop, scheme);
                Bridge bridge = scheme.equals("mem") ? Bridge.to(server.address()) : null) {
            Address address = bridge == null ? server.address() : bridge.address();
            for (int i = 0; i < ROUNDS; i++) {
                Round round = Round.any(random, !scheme.equals("unix"));
                String what = "seed " + seed + ", round " + i + ": " + round;
                int count = i + 1;
                try (MessagePeer peer = MessagePeer.connect(address)) {
                    Await.until("it is accepted", () -> accepted.get() == count);
                    send(peer, round);
                    check(round, peer, what);
                }
            }
        }
        census.assertNothingLeft();
    }

    private Server listen(EventLoop loop, String scheme) throws IOException {
        return Server.builder()
                .observer(census)
                .on("single", this::single)
                .onUpload(UPLOAD, this::upload)
                .onStream(STREAM, this::stream)
                .listen(
                        loop,
                        Address.parse(
                                switch (scheme) {
                                    case "unix" -> "unix:" + directory.resolve("s");
                                    case "mem" -> "mem:";
                                    default -> "tcp://127.0.0.1:0";
                                }));
    }

    // The client.

    private static void send(MessagePeer peer, Round round) throws IOException {
        Message content = round.content();
        byte[] single = MessagePeer.bytes(MessagePeer.request(1, "single", content));
        int headerBytes = single.length - round.contentBytes();
        switch (round.moment()) {
            case BEFORE_A_REQUEST -> {}
            case WITHIN_A_HEADER -> peer.raw.send(Arrays.copyOf(single, 1 + round.cutBytes() % (headerBytes - 1)));
            case WITHIN_A_CONTENT -> peer.raw.send(Arrays.copyOf(single, headerBytes + round.cutBytes()));
            case AFTER_A_REQUEST -> peer.raw.send(single);
            case WITHIN_A_STREAM -> peer.send(MessagePeer.request(1, "stream", content));
            case BETWEEN_PIECES, WITHIN_A_PIECE, AFTER_AN_UPLOAD -> upload(peer, round);
        }
    }

    private static void upload(MessagePeer peer, Round round) throws IOException {
        Message content = round.content();
        peer.send(MessagePeer.request(1, "upload", content).withProtocolKey(Header.MORE, true));
        Message last = content.going(Direction.REQUEST, 1);
        if (round.moment() == Moment.AFTER_AN_UPLOAD) {
            peer.send(last);
        } else if (round.moment() == Moment.WITHIN_A_PIECE) {
            byte[] piece = MessagePeer.bytes(last);
            peer.raw.send(Arrays.copyOf(piece, piece.length - round.contentBytes() + round.cutBytes()));
        }
    }

    private static void end(RawPeer peer, Round round) throws IOException {
        switch (round.end()) {
            case CLOSE -> peer.close();
            case RESET -> peer.reset();
            case SHUTDOWN_OUTPUT -> peer.shutdownOutput();
        }
    }

    // What the handlers and the events are told.

    private void check(Round round, MessagePeer peer, String what) throws Exception {
        if (round.moment().isOfAHandler) {
            String first = round.moment().isOfAnUpload() ? "piece" : "request";
            assertThat(next(what)).as(what).isEqualTo(new Told(first, round.contentBytes()));
        }
        if (round.moment() == Moment.AFTER_AN_UPLOAD) {
            assertThat(next(what)).as(what).isEqualTo(new Told("piece", round.contentBytes()));
            assertThat(next(what)).as(what).isEqualTo(new Told("end", 0));
        }
        end(peer.raw, round);
        if (round.end() == End.SHUTDOWN_OUTPUT) {
            peer.raw.receiveToEndOrReset();
        }
        if (round.moment().leavesAHandler) {
            assertThat(next(what)).as(what).isEqualTo(new Told("ended", 0));
        }
        assertThat(closed.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(what).isIn(reasons(round));
        assertThat(told.poll()).as(what).isNull();
    }

    private Told next(String what) throws InterruptedException {
        Told next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as(what).isNotNull();
        return next;
    }

    private static List<CloseReason> reasons(Round round) {
        if (round.end() == End.RESET) {
            return List.of(CloseReason.RESET);
        } else if (round.moment().truncates) {
            return List.of(CloseReason.PROTOCOL);
        }
        // A peer that closes with something unread resets the connection (RFC 1122, 4.2.2.13).
        return round.end() == End.SHUTDOWN_OUTPUT
                ? List.of(CloseReason.PEER)
                : List.of(CloseReason.PEER, CloseReason.RESET);
    }

    // The handlers.

    private Message single(Message request) {
        told.add(new Told("request", request.content().length));
        return Message.text("done");
    }

    private Message upload(InStream<Message> in) throws IOException {
        try {
            for (Message each = in.receive(); each != null; each = in.receive()) {
                told.add(new Told("piece", each.content().length));
            }
            told.add(new Told("end", 0));
        } catch (ExchangeEndedException left) {
            told.add(new Told("ended", 0));
            throw left;
        }
        return Message.text("done");
    }

    private void stream(Message asked, OutStream<Message> out) throws IOException {
        told.add(new Told("request", asked.content().length));
        try {
            while (true) {
                out.send(asked);
            }
        } catch (ExchangeEndedException left) {
            told.add(new Told("ended", 0));
            throw left;
        }
    }
}
