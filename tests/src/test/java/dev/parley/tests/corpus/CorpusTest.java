package dev.parley.tests.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Direction;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bad input gets just its reaction, however it is cut, and the server and its other connections are unharmed. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusTest {
    private static final long GOOD_ID = 4_242;
    private static final int CUT_BYTES_MAX = 4_096;
    private static final int PARTITIONS = 10_000;

    /** Every cut of the longer ones is made on bytes alone. */
    private static final int ALL_CUTS_BYTES_MAX = 300;

    record Value(String value) {}

    private static final Action<Value, Value> BIND = Action.of("bind", Value.class, Value.class);

    private final Census census = new Census();
    private final EventLoop loop =
            census.watch(EventLoop.builder().events(census).start());
    private final List<Server> servers = new ArrayList<>();

    static List<Case> cases() {
        return Corpus.all();
    }

    @BeforeAll
    void listen(@TempDir Path directory) throws IOException {
        for (String address : List.of("tcp://127.0.0.1:0", "unix:" + directory.resolve("s"))) {
            servers.add(server().listen(loop, Address.parse(address)));
        }
    }

    private Server.Builder server() {
        return Server.builder()
                .events(census)
                .onLoop("show", request -> Message.text("shown"))
                .on(BIND, value -> value);
    }

    @AfterEach
    void nothingWasLoggedAsAFailure() {
        assertThat(census.takeFailures()).isEmpty();
    }

    @AfterAll
    void nothingIsLeft() {
        servers.forEach(Server::close);
        loop.close();
        census.assertNothingLeft();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void getsItsReaction(Case bad) throws Exception {
        for (Server server : servers) {
            react(server, bad, false);
            if (bad.bytes().length <= 2 * CUT_BYTES_MAX) {
                react(server, bad, true);
            }
        }
    }

    private static void react(Server server, Case bad, boolean byteByByte) throws IOException {
        try (RawPeer peer = RawPeer.connect(server.address())) {
            byte[] stream = bad.withGoodRequest(GOOD_ID);
            try {
                if (byteByByte) {
                    peer.sendByteByByte(stream);
                } else {
                    peer.send(stream);
                }
                peer.shutdownOutput();
            } catch (IOException closedMeanwhile) {
                assertThat(bad.livesOn()).as("%s: %s", bad, closedMeanwhile).isFalse();
            }
            judge(bad, received(peer, bad));
        }
    }

    /** A peer that is closed without a word may find a reset in the place of the end: it sent what nobody reads. */
    private static byte[] received(RawPeer peer, Case bad) throws IOException {
        try {
            return peer.receiveToEnd();
        } catch (IOException reset) {
            assertThat(bad.mark()).as("%s: %s", bad, reset).isEqualTo("C");
            return new byte[0];
        }
    }

    private static void judge(Case bad, byte[] answer) {
        if (bad.mark().equals("HTTP")) {
            assertThat(new String(answer, StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 400 Bad Request\r\n")
                    .endsWith("\r\n\r\nThis port speaks Parley's messages, not HTTP.\n");
            return;
        }
        List<Message> messages = messages(answer);
        List<String> seen = messages.stream().map(CorpusTest::reaction).toList();
        List<String> expected =
                switch (bad.mark()) {
                    case "OK" -> List.of("ok " + bad.id(), "ok " + GOOD_ID);
                    case "E" -> List.of(bad.code() + " " + bad.id(), "ok " + GOOD_ID);
                    case "X" -> List.of(bad.code() + " 0 close");
                    default -> List.of();
                };
        // What has an id is answered when it is done, and so may come in another order.
        assertThat(seen).as("%s", bad).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static String reaction(Message message) {
        return message.status().orElse("ok") + " " + message.header().id()
                + (message.header().isTrue(Header.CLOSE) ? " close" : "");
    }

    private static List<Message> messages(byte[] stream) {
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.RESPONSE);
        var messages = new ArrayList<Message>();
        ByteBuffer bytes = ByteBuffer.wrap(stream);
        while (bytes.hasRemaining()) {
            if (reader.read(bytes) instanceof FrameReader.Whole whole) {
                messages.add(Message.of(whole.frame()));
            }
        }
        return messages;
    }

    // Inside the process: every piece is a read of its own.

    @SuppressWarnings("ArrayRecordComponent") // read once, and compared by nobody
    private record Sent(Case bad, String cuts, byte[] answer) {}

    @Test
    void piecesOverMemGetTheSameReactions() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var done = new LinkedBlockingQueue<Sent>();
        var small = cases().stream()
                .filter(bad -> bad.bytes().length <= CUT_BYTES_MAX)
                .toList();
        EventLoop inside = EventLoop.builder()
                .transport(MemNetwork.shared())
                .events(census)
                .start();
        try (EventLoop mem = census.watch(inside);
                Server server = server().listen(mem, Address.parse("mem:corpus"))) {
            int sent = 0;
            for (int round = 0; round < PARTITIONS; round++) {
                Case bad = small.get(random.nextInt(small.size()));
                int length = bad.withGoodRequest(GOOD_ID).length;
                int[] cuts = random.ints(1 + random.nextInt(20), 1, length)
                        .sorted()
                        .distinct()
                        .toArray();
                send(server, mem, bad, cuts, done);
                sent = judgeDone(done, sent + 1, 100, seed);
            }
            for (Case bad : small) {
                int length = bad.withGoodRequest(GOOD_ID).length;
                for (int cut = 1; cut < Math.min(length, ALL_CUTS_BYTES_MAX); cut++) {
                    send(server, mem, bad, new int[] {cut}, done);
                    sent = judgeDone(done, sent + 1, 100, seed);
                }
            }
            judgeDone(done, sent, 0, seed);
        }
    }

    private static void send(Server server, EventLoop loop, Case bad, int[] cuts, BlockingQueue<Sent> done) {
        byte[] stream = bad.withGoodRequest(GOOD_ID);
        loop.connect(
                server.address(),
                new PieceSender(stream, cuts, answer -> done.add(new Sent(bad, Arrays.toString(cuts), answer))));
    }

    /** So many may still be under way; returns how many are. */
    private static int judgeDone(BlockingQueue<Sent> done, int underWay, int underWayMax, long seed)
            throws InterruptedException {
        int left = underWay;
        for (; left > underWayMax; left--) {
            Sent sent = done.take();
            try {
                judge(sent.bad(), sent.answer());
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", " + sent.bad() + ", cut at " + sent.cuts(), e);
            }
        }
        return left;
    }

    // On bytes alone: every cut is the same.

    @ParameterizedTest
    @MethodSource("cases")
    void everyCutIsTheSame(Case bad) {
        byte[] stream = bad.withGoodRequest(GOOD_ID);
        if (stream.length > CUT_BYTES_MAX) {
            return;
        }
        List<String> whole = read(stream, new int[0]);
        int[] everywhere = new int[stream.length - 1];
        Arrays.setAll(everywhere, i -> i + 1);
        assertThat(read(stream, everywhere)).as("%s, byte by byte", bad).isEqualTo(whole);
        for (int cut = 1; cut < stream.length; cut++) {
            assertThat(read(stream, new int[] {cut}))
                    .as("%s, cut at %d", bad, cut)
                    .isEqualTo(whole);
        }
    }

    @Test
    void everyPartitionIsTheSame() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<byte[]> streams = cases().stream()
                .map(bad -> bad.withGoodRequest(GOOD_ID))
                .filter(stream -> stream.length <= CUT_BYTES_MAX)
                .toList();
        for (int round = 0; round < PARTITIONS; round++) {
            byte[] stream = streams.get(random.nextInt(streams.size()));
            int[] cuts = random.ints(1 + random.nextInt(20), 1, stream.length)
                    .sorted()
                    .distinct()
                    .toArray();
            assertThat(read(stream, cuts)).as("seed %d, round %d", seed, round).isEqualTo(read(stream, new int[0]));
        }
    }

    private static List<String> read(byte[] stream, int[] cuts) {
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
        var seen = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int end = i < cuts.length ? cuts[i] : stream.length;
            if (!readPiece(reader, ByteBuffer.wrap(stream, start, end - start), seen)) {
                return seen;
            }
            start = end;
        }
        seen.add(reader.isInsideFrame() ? "inside" : "between");
        return seen;
    }

    /** Whether there is anything more to read. */
    private static boolean readPiece(FrameReader reader, ByteBuffer piece, List<String> seen) {
        while (piece.hasRemaining()) {
            switch (reader.read(piece)) {
                case FrameReader.NotYet _ -> assertThat(piece.hasRemaining()).isFalse();
                case FrameReader.Whole whole ->
                    seen.add(whole.frame().header() + " "
                            + Arrays.hashCode(whole.frame().content()));
                case FrameReader.Refused refused -> seen.add(refused.error().code() + " " + refused.id());
                case FrameReader.Broken broken -> {
                    seen.add("broken " + broken.error().code());
                    return false;
                }
                case FrameReader.Foreign foreign -> {
                    seen.add(foreign.protocol().name());
                    return false;
                }
            }
        }
        return true;
    }

    /** Case 22: what nobody meant is never a message. */
    @Test
    void randomBytesAreNeverAMessage() {
        for (int seed = 0; seed < 1_000; seed++) {
            var bytes = new byte[1024 * 1024 >> seed % 8];
            new Random(seed).nextBytes(bytes);
            assertThat(read(bytes, new int[0])).as("seed %d", seed).noneMatch(result -> result.startsWith("Header"));
        }
    }
}
