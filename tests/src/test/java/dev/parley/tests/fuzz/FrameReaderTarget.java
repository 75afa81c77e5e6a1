package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header.Direction;
import dev.parley.memory.ContentPool;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tests that any bytes, cut anywhere, give what they give in one piece, lent or not, in memory that follows the bytes
 * received. The input: flags, a seed for the cuts, and the stream, which is in parts unless a flag says that it is raw;
 * see {@link Frames#stream}.
 */
final class FrameReaderTarget implements Target {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final FrameLimits SMALL =
            FrameLimits.DEFAULT.withHeaderBytesMax(200).withContentBytesMax(40);
    private static final int PIECE_BYTES_MAX = 40;
    private static final int RANDOM_CUTS = 3;

    /**
     * The allocation for each byte. A header's members cost much more than their bytes, and a content announced and not
     * sent would cost more.
     */
    private static final int ALLOCATED_PER_BYTE = 400;

    private static final int ALLOCATED_ANYWAY = 128 * 1024;
    private static final int ATTEMPTS = 5;

    @Override
    public void run(byte[] data) {
        var input = new FuzzInput(data);
        int flags = input.flags();
        Direction direction = (flags & 1) == 0 ? Direction.REQUEST : Direction.RESPONSE;
        FrameLimits limits = (flags & 2) == 0 ? FrameLimits.DEFAULT : SMALL;
        boolean isOfParts = (flags & 4) == 0;
        var random = new Random(input.next());
        byte[] stream = isOfParts ? Frames.stream(input.rest()) : input.rest();

        List<Reading.Seen> whole = inPieces(stream, new FrameReader(limits, direction), stream.length, null);
        for (ContentPool lent : new ContentPool[] {null, new ContentPool()}) {
            assertThat(inPieces(stream, new FrameReader(limits, direction, lent), stream.length, null))
                    .as("whole, %s", lent == null ? "kept" : "lent")
                    .isEqualTo(whole);
            assertThat(inPieces(stream, new FrameReader(limits, direction, lent), 1, null))
                    .as("byte by byte, %s", lent == null ? "kept" : "lent")
                    .isEqualTo(whole);
            for (int i = 0; i < RANDOM_CUTS; i++) {
                assertThat(inPieces(stream, new FrameReader(limits, direction, lent), PIECE_BYTES_MAX, random))
                        .as("random cuts, %s", lent == null ? "kept" : "lent")
                        .isEqualTo(whole);
            }
            checkMemory(stream, limits, direction, lent);
        }
    }

    /** Reads pieces of that size, or of a random one up to that. */
    private static List<Reading.Seen> inPieces(
            byte[] stream, FrameReader reader, int size, @Nullable RandomGenerator random) {
        var reading = new Reading(reader);
        ByteBuffer bytes = ByteBuffer.wrap(stream);
        while (bytes.position() < stream.length) {
            int piece = random == null ? size : 1 + random.nextInt(size);
            reading.take(bytes, Math.min(stream.length, bytes.position() + piece));
        }
        return reading.ended(stream.length);
    }

    /**
     * Checks what this thread allocates by the JVM's count; takes the least of several, as the JVM also counts classes
     * that are loaded.
     */
    private static void checkMemory(
            byte[] stream, FrameLimits limits, Direction direction, @Nullable ContentPool lent) {
        long allowed = ALLOCATED_ANYWAY + (long) ALLOCATED_PER_BYTE * stream.length;
        long least = Long.MAX_VALUE;
        for (int left = ATTEMPTS; left > 0 && least > allowed; left--) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            var reader = new FrameReader(limits, direction, lent);
            ByteBuffer bytes = ByteBuffer.wrap(stream);
            while (bytes.hasRemaining() && !isLast(reader.read(bytes))) {
                // each result is let go at once
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("allocated for %d bytes", stream.length).isLessThanOrEqualTo(allowed);
    }

    private static boolean isLast(FrameReader.Result result) {
        return result instanceof FrameReader.Broken || result instanceof FrameReader.Foreign;
    }
}
