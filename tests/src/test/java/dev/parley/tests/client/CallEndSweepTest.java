package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.StreamSender;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Bridge;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests a server that ends a connection at each moment of a call and of a stream, in each way: a call that was not
 * processed is sent again, one that may have been processed fails as such, and no truncated answer passes for a whole
 * one.
 */
@Timeout(300)
class CallEndSweepTest {
    private static final int ROUNDS = Integer.getInteger("parley.ends", 30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Action<Message, Message> IT = Action.of("it", Message.class, Message.class);

    /** The bytes of each of three messages that may be sent before the client has taken any. */
    private static final int GRANTED_BYTES = 20_000;

    private static final List<End> ENDS = List.of(End.values());

    /** The moment when the server ends the connection. */
    private enum Moment {
        BEFORE_IT_SAYS_WHO_IT_IS,
        BEFORE_THE_ANSWER,
        WITHIN_THE_HEADER,
        WITHIN_THE_CONTENT,
        BETWEEN_MESSAGES,
        AFTER_THE_ANSWER
    }

    private enum End {
        CLOSE,
        SHUTDOWN_OUTPUT,
        RESET
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Round(Moment moment, End end, boolean isStream, byte[] content, int cut) {
        static Round any(Random random, boolean isStream, boolean mayReset) {
            int bytesMax = random.nextBoolean() ? 100 : isStream ? GRANTED_BYTES : 200_000;
            var content = new byte[1 + random.nextInt(bytesMax)];
            random.nextBytes(content);
            return new Round(
                    choose(random, Moment.values()),
                    ENDS.get(random.nextInt(mayReset ? 3 : 2)),
                    isStream,
                    content,
                    random.nextInt(content.length));
        }

        /** Returns the number of messages: one answer, or three messages of a stream. */
        int messages() {
            return isStream ? 3 : 1;
        }

        @Override
        public String toString() {
            return moment + " " + end + (isStream ? " of a stream" : " of a call") + " of " + content.length + " bytes";
        }
    }

    private static <T> T choose(Random random, T[] all) {
        return all[random.nextInt(all.length)];
    }

    private final long seed = Long.getLong("parley.seed", System.nanoTime());
    private final Census census = new Census();
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    /** The round that the next connection is for; null for one that is served to its end. */
    private final AtomicReference<@Nullable Round> next = new AtomicReference<>();

    @TempDir
    private Path directory;

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (AutoCloseable each : new ArrayList<>(opened).reversed()) {
            each.close();
        }
        census.assertNothingLeft();
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix", "mem, mem"})
    void callsAreToldTheEndAsItWas(String transport, String scheme) throws Exception {
        sweep(transport, scheme, false);
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp", "nio, unix", "io_uring, unix", "mem, mem"})
    void streamsAreToldTheEndAsItWas(String transport, String scheme) throws Exception {
        sweep(transport, scheme, true);
    }

    private void sweep(String transport, String scheme, boolean isStream) throws Exception {
        EventLoop loop = census.watch(EventLoop.builder()
                .transport(scheme.equals("mem") ? MemNetwork.shared() : Usable.transport(transport))
                .observer(census)
                .start());
        opened.add(loop);
        ServerSocketChannel listening = scheme.equals("unix") ? listenOnUnix() : RawPeer.listen();
        opened.add(listening);
        Address server = RawPeer.addressOf(listening);
        if (scheme.equals("mem")) {
            Bridge bridge = Bridge.to(server);
            opened.add(bridge);
            server = bridge.address();
        }
        var random = new Random(seed);
        var rounds = new AtomicReference<Round>();
        Thread.startVirtualThread(() -> accept(listening, rounds));
        for (int i = 0; i < ROUNDS; i++) {
            Round round = Round.any(random, isStream, !scheme.equals("unix"));
            rounds.set(round);
            next.set(round);
            try (Client client =
                    Client.builder(server).loop(loop).waitForReady(true).start()) {
                check(round, ask(client, round), "seed " + seed + ", round " + i + ": " + round);
            }
        }
    }

    private ServerSocketChannel listenOnUnix() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("s")));
    }

    // The client.

    /** The contents that came before the end, and the failure that reported it; null if it ended well. */
    private record Seen(List<byte[]> contents, @Nullable CallException failure) {}

    private static Seen ask(Client client, Round round) throws IOException {
        var contents = new ArrayList<byte[]>();
        try {
            if (!round.isStream()) {
                contents.add(client.call("it", Message.text("?"), CallOptions.timeout(PATIENCE))
                        .content());
            } else {
                try (InStream<Message> answers = client.stream(IT, Message.text("?"), CallOptions.timeout(PATIENCE))) {
                    for (Message each = answers.receive(); each != null; each = answers.receive()) {
                        contents.add(each.content());
                    }
                }
            }
            return new Seen(contents, null);
        } catch (CallException e) {
            return new Seen(contents, e);
        }
    }

    private static void check(Round round, Seen seen, String what) {
        for (byte[] content : seen.contents()) {
            assertThat(Arrays.equals(content, round.content())).as(what).isTrue();
        }
        CallException failure = seen.failure();
        if (failure == null) {
            assertThat(seen.contents()).as(what).hasSize(round.messages());
        }
        boolean isWell = round.moment() == Moment.BEFORE_IT_SAYS_WHO_IT_IS || round.moment() == Moment.AFTER_THE_ANSWER;
        if (isWell && round.end() != End.RESET) {
            assertThat(failure).as(what).isNull();
        } else if (!isWell) {
            assertThat(failure).as(what).isInstanceOf(ConnectionLostException.class);
            assertThat(seen.contents().size()).as(what).isLessThan(round.messages());
        }
        if (failure instanceof ConnectionLostException lost) {
            assertThat(lost.reason()).as("%s: %s", what, lost).isIn(reasons(round));
            assertThat(lost.outcome()).as("%s: %s", what, lost).isEqualTo(CallException.Outcome.UNKNOWN);
        } else {
            assertThat(failure).as(what).isNull();
        }
    }

    /**
     * Bytes that the system had not sent when a connection is broken off are lost, and a part of a message is an error.
     */
    private static List<CloseReason> reasons(Round round) {
        boolean isPart = round.moment() == Moment.WITHIN_THE_HEADER || round.moment() == Moment.WITHIN_THE_CONTENT;
        if (round.end() == End.RESET) {
            return List.of(CloseReason.RESET);
        }
        if (mayLeaveCredit(round)) {
            return List.of(CloseReason.PEER, CloseReason.RESET);
        }
        return isPart ? List.of(CloseReason.PEER, CloseReason.PROTOCOL) : List.of(CloseReason.PEER);
    }

    /**
     * Returns true if the client may have granted credit, after half of it, that the server has not read when it
     * closes: then the server's system resets the connection (RFC 9293, section 3.6.1).
     */
    private static boolean mayLeaveCredit(Round round) {
        int sentBytes = (round.messages() - 1) * round.content().length;
        return round.moment() == Moment.BETWEEN_MESSAGES
                && round.end() == End.CLOSE
                && sentBytes >= StreamSender.FIRST_CREDIT_BYTES / 2;
    }

    // The server.

    private void accept(ServerSocketChannel listening, AtomicReference<Round> rounds) {
        try {
            while (true) {
                RawPeer raw = RawPeer.accept(listening);
                opened.add(raw);
                Round scripted = next.getAndSet(null);
                Round round = rounds.get();
                Thread.startVirtualThread(() -> {
                    try (raw) {
                        serve(raw, scripted, round);
                    } catch (IOException | AssertionError clientHasGone) {
                        return;
                    }
                });
            }
        } catch (IOException closed) {
            return;
        }
    }

    private static void serve(RawPeer raw, @Nullable Round scripted, Round round) throws IOException {
        Moment moment = scripted == null ? Moment.AFTER_THE_ANSWER : scripted.moment();
        if (moment == Moment.BEFORE_IT_SAYS_WHO_IT_IS) {
            end(raw, round);
            return;
        }
        MessagePeer peer = MessagePeer.of(raw);
        long id = peer.receive().header().id();
        byte[] last = MessagePeer.bytes(answer(round, id, false));
        int headerBytes = last.length - round.content().length;
        switch (moment) {
            case WITHIN_THE_HEADER -> raw.send(Arrays.copyOf(last, 1 + round.cut() % (headerBytes - 1)));
            case WITHIN_THE_CONTENT -> raw.send(Arrays.copyOf(last, headerBytes + round.cut()));
            case BETWEEN_MESSAGES -> sendAll(peer, round, id, round.messages() - 1);
            case AFTER_THE_ANSWER -> sendAll(peer, round, id, round.messages());
            default -> {}
        }
        if (scripted != null) {
            end(raw, round);
        } else {
            raw.receiveToEndOrReset();
        }
    }

    private static void sendAll(MessagePeer peer, Round round, long id, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            peer.send(answer(round, id, i < round.messages() - 1));
        }
    }

    private static Message answer(Round round, long id, boolean hasMore) {
        Message answer = Message.binary("x", round.content()).going(Direction.RESPONSE, id);
        return hasMore ? answer.withProtocolKey(Header.MORE, true) : answer;
    }

    private static void end(RawPeer raw, Round round) throws IOException {
        switch (round.end()) {
            case CLOSE -> raw.close();
            case RESET -> raw.reset();
            case SHUTDOWN_OUTPUT -> {
                raw.shutdownOutput();
                raw.receiveToEndOrReset();
            }
        }
    }
}
