package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header.Direction;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Tests what a peer can make the reader spend. Times are the thread's own CPU time, the best of several, and ten times
 * what is promised, so that a busy machine does not fail them; {@code -Dparley.strict=true} holds them to the promise
 * itself.
 */
class FrameCostTest {
    private static final int SLACK = Boolean.getBoolean("parley.strict") ? 1 : 10;
    private static final long MILLISECOND_NANOS = 1_000_000;
    private static final FrameLimits LARGE =
            FrameLimits.DEFAULT.withHeaderBytesMax(65_535).withContentBytesMax(16 * 1024 * 1024);

    private static long cpuNanos(Runnable work) {
        long best = Long.MAX_VALUE;
        var threads = ManagementFactory.getThreadMXBean();
        for (int round = 0; round < 3; round++) {
            long start = threads.getCurrentThreadCpuTime();
            work.run();
            best = Math.min(best, threads.getCurrentThreadCpuTime() - start);
        }
        return best;
    }

    private static byte[] message(int contentLength) {
        String header =
                "{\"byteorder\":\"little\",\"content-type\":\"x\",\"content-encoding\":\"binary\",\"content-length\":"
                        + contentLength + "}";
        return ByteBuffer.allocate(2 + header.length() + contentLength)
                .putShort((short) header.length())
                .put(header.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    private static void readByteByByte(byte[] stream) {
        var reader = new FrameReader(LARGE, Direction.REQUEST);
        ByteBuffer one = ByteBuffer.wrap(stream);
        FrameReader.Result last = null;
        for (int at = 0; at < stream.length; at++) {
            last = reader.read(one.limit(at + 1));
        }
        assertThat(last).isInstanceOf(FrameReader.Whole.class);
    }

    /** Promise F4: the time to read a message that arrives byte by byte grows in proportion to its length. */
    @Test
    void aMessageInPiecesOfOneByteCostsLinearTime() {
        readByteByByte(message(1 << 20));
        byte[] small = message(64 * 1024);
        assertThat(cpuNanos(() -> readByteByByte(small))).isLessThan(20 * MILLISECOND_NANOS * SLACK);
        byte[] part = message(512 * 1024);
        byte[] whole = message(4 << 20);
        double ratio = (double) cpuNanos(() -> readByteByByte(whole)) / cpuNanos(() -> readByteByByte(part));
        assertThat(ratio).isLessThan(12 * (SLACK == 1 ? 1 : 2)); // linear is 8, and quadratic would be 64
    }

    /**
     * Promise F3: nothing is allocated for announced bytes, and for received bytes at most a little more than their
     * number.
     */
    @Test
    void memoryFollowsTheBytesReceived() {
        byte[] announced = message(1 << 20);
        int header = announced.length - (1 << 20);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int received : List.of(0, 1, 100, 5_000)) {
            new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST).read(ByteBuffer.wrap(announced, 0, header));
            long before = threads.getCurrentThreadAllocatedBytes();
            var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
            reader.read(ByteBuffer.wrap(announced, 0, header + received));
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(reader.isInsideFrame()).isTrue();
            assertThat(allocated).as("after %d bytes", received).isLessThan(16_384 + 2L * received);
        }
    }

    /** Promise F8: the headers are the worst that fit into 8 KiB, in many forms. */
    @Test
    void noHeaderMakesTheParserSlow() {
        var random = new Random(8);
        for (int round = 0; round < 10_000; round++) {
            byte[] header = adversarial(random).getBytes(StandardCharsets.UTF_8);
            assertThat(header.length).isLessThanOrEqualTo(8_192);
            byte[] frame = ByteBuffer.allocate(2 + header.length)
                    .putShort((short) header.length)
                    .put(header)
                    .array();
            if (nanosToRead(frame) > 2 * MILLISECOND_NANOS * SLACK) {
                long best = cpuNanos(() -> nanosToRead(frame));
                assertThat(best).as("seed 8, round %d", round).isLessThan(2 * MILLISECOND_NANOS * SLACK);
            }
        }
    }

    private static long nanosToRead(byte[] frame) {
        var threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        var result = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST).read(ByteBuffer.wrap(frame));
        assertThat(result)
                .isInstanceOfAny(FrameReader.Broken.class, FrameReader.Refused.class, FrameReader.NotYet.class);
        return threads.getCurrentThreadCpuTime() - start;
    }

    private static String adversarial(Random random) {
        int form = random.nextInt(8);
        int length = 7_000 + random.nextInt(1_000);
        return switch (form) {
            case 0 -> "{\"a\":" + "[".repeat(length);
            case 1 -> "{\"a\":" + "{\"b\":".repeat(length / 5);
            case 2 -> "{\"a\":" + "9".repeat(length) + "}";
            case 3 -> "{\"content-length\":" + "9".repeat(length) + "}";
            case 4 -> "{\"a\":1e" + "9".repeat(length) + "}";
            case 5 -> "{" + colliding(length, random) + "}";
            case 6 -> "{\"a\":\"" + "\\u0041".repeat(length / 6) + "\"}";
            default -> "{" + " \n\t\r".repeat(length / 4) + "}";
        };
    }

    /** Returns names whose String hashes are all the same: each pair of letters may be Aa or BB. */
    private static String colliding(int length, Random random) {
        var members = new ArrayList<String>();
        int seed = random.nextInt();
        for (int i = 0; i < length / 24; i++) {
            var name = new StringBuilder();
            for (int bit = 0; bit < 9; bit++) {
                boolean one = ((i ^ seed) >> bit & 1) == 1;
                name.append(one ? "BB" : "Aa");
            }
            members.add("\"" + name + "\":1");
        }
        return String.join(",", members);
    }

    record One(int m49999) {}

    record Twelve(
            int m49988,
            int m49989,
            int m49990,
            int m49991,
            int m49992,
            int m49993,
            int m49994,
            int m49995,
            int m49996,
            int m49997,
            int m49998,
            int m49999) {}

    /** A peer can make the way to each component as long as it likes, so all components must share one way. */
    @Test
    void componentsAtTheEndOfALargeObjectAreReadTogether() {
        var json = new StringBuilder("{\"m0\": 0");
        for (int i = 1; i < 50_000; i++) {
            json.append(", \"m").append(i).append("\": ").append(i);
        }
        String text = json.append('}').toString();
        assertThat(Message.json(text).as(One.class).m49999()).isEqualTo(49_999);
        assertThat(Message.json(text).as(Twelve.class).m49988()).isEqualTo(49_988);
        double ratio = (double) nanosToRead(text, Twelve.class) / nanosToRead(text, One.class);
        assertThat(ratio).isLessThan(7); // with a way for each it would be 12
    }

    /** Returns the time to read a record from the content, without the time to scan it. */
    private static long nanosToRead(String json, Class<?> type) {
        Message message = Message.json(json);
        message.scanAhead();
        return cpuNanos(() -> {
            for (int i = 0; i < 10; i++) {
                assertThat(message.as(type)).isNotNull();
            }
        });
    }
}
