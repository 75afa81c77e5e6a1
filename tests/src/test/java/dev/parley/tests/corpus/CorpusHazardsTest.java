package dev.parley.tests.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.parley.Message;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.corpus.CorpusCase.Then;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests bad input that a fixed case cannot express: many messages, random ones, peers that hold on, and the cost of all
 * that.
 */
@Timeout(300)
class CorpusHazardsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SEED = 20_250_901;

    private final Census census = new Census();
    private final CorpusServer memory = CorpusServer.inMemory(census, FrameLimits.DEFAULT);

    CorpusHazardsTest() throws Exception {}

    @AfterEach
    void nothingFailedAndNothingIsLeft() {
        memory.close();
        assertThat(census.takeFailures()).isEmpty();
        census.assertNothingLeft();
    }

    // Many, and at random.

    /**
     * Without an id, the answers come in order; with ids, each comes exactly once. The handlers run on virtual threads.
     */
    @Test
    void tenThousandInOneWriteAreAnswered() {
        CorpusCase.Sent typed = CorpusCase.Sent.base().with("action", "\"typed\"");
        var plain = new ByteArrayOutputStream();
        var withIds = new ByteArrayOutputStream();
        for (int i = 1; i <= 10_000; i++) {
            CorpusCase.Sent asked = typed.content("{\"number\":" + i + "}");
            plain.writeBytes(asked.without("id").bytes());
            withIds.writeBytes(asked.with("id", String.valueOf(i)).bytes());
        }
        assertThat(CorpusServer.words(memory.onLoop(plain.toByteArray())))
                .containsExactlyElementsOf(numbered("ok: {\"number\":%1$d}"));
        assertThat(CorpusServer.words(memory.onLoop(withIds.toByteArray())))
                .containsExactlyInAnyOrderElementsOf(numbered("ok %1$d: {\"number\":%1$d}"));
    }

    private static List<String> numbered(String pattern) {
        return IntStream.rangeClosed(1, 10_000).mapToObj(pattern::formatted).toList();
    }

    /** Half of the random bytes look like a message for three bytes. */
    @Test
    void randomBytesAreNeverAnsweredOk() throws Exception {
        try (var server = CorpusServer.inMemory(census, FrameLimits.DEFAULT)) {
            for (int i = 0; i < 200; i++) {
                byte[] replies = server.onLoop(random(SEED + i, 64 * 1024));
                assertThat(CorpusServer.words(replies)).as("seed %d", SEED + i).noneMatch(CorpusHazardsTest::isOk);
            }
            assertThat(server.server().requests()).isZero();
        }
        try (var server =
                CorpusServer.onSocket(census, "io_uring", Address.parse("tcp://127.0.0.1:0"), FrameLimits.DEFAULT)) {
            for (int i = 0; i < 6; i++) {
                assertThat(CorpusServer.words(answerTo(server, random(SEED + i, 1024 * 1024))))
                        .as("seed %d", SEED + i)
                        .noneMatch(CorpusHazardsTest::isOk);
            }
            assertThat(server.server().requests()).isZero();
        }
    }

    private static boolean isOk(String reply) {
        return reply.startsWith("ok");
    }

    private static byte[] random(long seed, int lengthMax) {
        var random = new Random(seed);
        var bytes = new byte[lengthMax / 2 + random.nextInt(lengthMax / 2)];
        random.nextBytes(bytes);
        if (seed % 2 == 0) {
            System.arraycopy(
                    ByteBuffer.allocate(3)
                            .putShort((short) random.nextInt(8_192))
                            .put((byte) '{')
                            .array(),
                    0,
                    bytes,
                    0,
                    3);
        }
        return bytes;
    }

    private static byte[] answerTo(CorpusServer server, byte[] bytes) throws Exception {
        try (RawPeer peer = server.connect()) {
            Thread sender = Thread.ofVirtual().start(() -> CorpusServer.send(peer, bytes, false));
            byte[] answer = CorpusServer.toEnd(peer, true);
            sender.join();
            return answer;
        }
    }

    /** Bytes of valid messages are flipped, added and removed: nothing escapes the rules, and cuts do not count. */
    @Test
    void whatIsNearlyValidIsTheSameInAnyPieces() {
        List<CorpusCase> valid = CorpusTest.shortCases().stream()
                .filter(one -> one.then() == Then.LIVES && !one.isWide())
                .toList();
        for (int i = 0; i < 4_000; i++) {
            var random = new Random(SEED + i);
            byte[] changed = changed(valid.get(random.nextInt(valid.size())).bytes(), random);
            long truncatedBefore = memory.server().truncatedMessages();
            List<String> whole = CorpusServer.words(memory.onLoop(changed));
            List<String> pieces =
                    CorpusServer.words(memory.onLoop(changed, CorpusTest.randomCuts(random, changed.length)));
            if (memory.server().truncatedMessages() == truncatedBefore) {
                assertThat(pieces).as("seed %d", SEED + i).isEqualTo(whole);
            } else {
                // Cut off inside a message, it is closed at once: whether an answer before that has left is chance.
                int common = Math.min(pieces.size(), whole.size());
                assertThat(pieces.subList(0, common)).as("seed %d", SEED + i).isEqualTo(whole.subList(0, common));
            }
        }
    }

    private static byte[] changed(byte[] valid, Random random) {
        byte[] bytes = valid;
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(bytes.length);
            byte[] before = Arrays.copyOf(bytes, at);
            byte[] any = {(byte) random.nextInt(256)};
            byte[] after = Arrays.copyOfRange(bytes, at + 1, bytes.length);
            bytes = switch (random.nextInt(3)) {
                case 0 -> CorpusCase.joined(before, any, Arrays.copyOfRange(bytes, at, bytes.length));
                case 1 -> CorpusCase.joined(before, after, any);
                default -> CorpusCase.joined(before, any, after);
            };
        }
        return bytes;
    }

    /** The JDK drops an urgent byte, so the message is whole without it. */
    @Test
    void anUrgentByteIsNoPartOfTheMessage() throws Exception {
        byte[] message = CorpusCase.Sent.base().bytes();
        try (var server =
                        CorpusServer.onSocket(census, "nio", Address.parse("tcp://127.0.0.1:0"), FrameLimits.DEFAULT);
                var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port(server))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(message, 0, 40);
            socket.sendUrgentData('!');
            socket.getOutputStream().write(message, 40, message.length - 40);
            socket.shutdownOutput();
            assertThat(CorpusServer.words(socket.getInputStream().readAllBytes()))
                    .containsExactly("ok 1: other 2");
        }
    }

    private static int port(CorpusServer server) {
        return ((Address.Tcp) server.server().address()).port();
    }

    // What holds on (cases 1, 16, 71 and 72; AppServerTest has 2).

    @Test
    void aPeerThatSendsNothingIsClosedWithoutAReply() throws Exception {
        assertThat(heldFor(Duration.ofMinutes(5), new byte[0])).isEmpty();
        assertThat(census.closedByReason()).containsKey(CloseReason.IDLE);
    }

    @Test
    void aContentThatDoesNotComeEndsAfterItsTime() throws Exception {
        CorpusCase.Sent bytes = CorpusCase.Sent.base().with("content-type", "\"x\"");
        byte[] none =
                bytes.content(new byte[0]).with("content-length", "1048576").bytes();
        assertThat(heldFor(Duration.ofSeconds(30), none)).containsExactly("timeout, close");
        byte[] shorter = CorpusCase.joined(bytes.with("content-length", "999").bytes(), CorpusServer.NEXT);
        assertThat(heldFor(Duration.ofSeconds(30), shorter)).containsExactly("timeout, close");
    }

    @Test
    void aHeaderThatDripsEndsTenSecondsAfterItsFirstByte() throws Exception {
        byte[] message = CorpusCase.Sent.base().bytes();
        byte[][] drops = new byte[10][1];
        for (int i = 0; i < drops.length; i++) {
            drops[i][0] = message[i];
        }
        assertThat(heldFor(Duration.ofSeconds(1), drops)).containsExactly("timeout, close");
        byte[] rest = Arrays.copyOfRange(message, 9, message.length);
        drops[9] = CorpusCase.joined(rest, new byte[] {0, 0});
        assertThat(heldFor(Duration.ofSeconds(1), drops)).containsExactly("ok 1: other 2", "bad-frame, close");
    }

    /** Returns what a server answers to pieces that each come that much later than the one before, and then nothing. */
    private List<String> heldFor(Duration time, byte[]... pieces) throws Exception {
        var ticker = new ManualTicker();
        try (var server = CorpusServer.withTicker(census, ticker);
                RawPeer peer = server.connect()) {
            for (byte[] piece : pieces) {
                CorpusServer.send(peer, piece, false);
                awaitTurns(server);
                ticker.advance(time);
                awaitTurns(server);
            }
            return CorpusServer.words(CorpusServer.toEnd(peer, false));
        }
    }

    /** Awaits two answers, one after the other: by then the loop has seen what was there before the first. */
    private static void awaitTurns(CorpusServer server) throws IOException {
        try (RawPeer other = server.connect()) {
            for (int i = 0; i < 2; i++) {
                CorpusServer.send(other, CorpusServer.NEXT, false);
                CorpusServer.frame(other);
            }
        }
    }

    // What it may cost.

    @Test
    void hostileHeadersAreRefusedInLessThanTwoMilliseconds() {
        List<String> numbers = List.of("41", "42", "43", "55", "57", "67");
        CorpusTest.cases().stream()
                .filter(one -> numbers.contains(one.name().substring(0, 2)))
                .forEach(one -> assertThat(fastest(() -> CorpusTest.read(one, one.bytes())))
                        .as("%s", one)
                        .isLessThan(Duration.ofMillis(2)));
    }

    @Test
    void hostileContentIsRefusedInLessThanTwentyMilliseconds() {
        List<String> numbers = List.of("88", "90", "91");
        CorpusTest.cases().stream()
                .filter(one -> numbers.contains(one.name().substring(0, 2)))
                .forEach(one -> {
                    var frame = ((FrameReader.Whole)
                                    CorpusTest.read(one, one.bytes()).getFirst())
                            .frame();
                    assertThat(fastest(() -> Message.of(frame).jsonOrNull()))
                            .as("%s", one)
                            .isLessThan(Duration.ofMillis(20));
                });
    }

    private static Duration fastest(Runnable run) {
        return IntStream.range(0, 20)
                .mapToObj(i -> {
                    long start = THREADS.getCurrentThreadCpuTime();
                    run.run();
                    return Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start);
                })
                .min(Duration::compareTo)
                .orElseThrow();
    }

    /** A length that is only announced takes no memory, beside what the bytes themselves take. */
    @Test
    void anAnnouncedLengthTakesNoMemory() {
        CorpusCase.Sent base = CorpusCase.Sent.base();
        long usual = allocated(base.bytes());
        for (byte[] announcing : List.of(
                CorpusCase.hex("ffff7b"),
                CorpusCase.hex("20007b"),
                base.with("content-length", "1048577").bytes(),
                base.with("content-length", "1048576").bytes())) {
            assertThat(allocated(announcing)).isLessThan(usual + 4_096);
        }
    }

    private static long allocated(byte[] bytes) {
        CorpusCase any = CorpusCase.closed("announced", bytes);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return LongStream.range(0, 20)
                .map(i -> {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    CorpusTest.read(any, bytes);
                    return threads.getCurrentThreadAllocatedBytes() - before;
                })
                .min()
                .orElseThrow();
    }
}
