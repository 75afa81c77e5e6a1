package dev.parley.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Takes the time out of an archive of the JVM (class data sharing), so that the archive depends on its classes alone.
 * The archive has the heap's clock in its soft references, and checksums, which the JVM only compares if it is asked
 * to. Both differ between two archives that were made one after the other of the same classes. They become zero: a soft
 * reference that was not used for long. The build of the packages runs this program.
 */
final class TimelessArchive {
    /** The archive's header ends below this, and has checksums of four bytes. */
    private static final int HEADER_BYTES_MAX = 4_096;

    private static final int CHECKSUM_BYTES = 4;
    private static final int CLOCK_BYTES = 8;

    /** If more places differ, it is not only the clock that does. */
    private static final int PLACES_MAX = 2_000;

    private TimelessArchive() {}

    /** Compares the archives {@code args[0]} and {@code args[1]}, and writes their common bytes to {@code args[2]}. */
    public static void main(String[] args) throws IOException {
        byte[] one = Files.readAllBytes(Path.of(args[0]));
        byte[] other = Files.readAllBytes(Path.of(args[1]));
        Files.write(Path.of(args[2]), timeless(one, other));
    }

    static byte[] timeless(byte[] one, byte[] other) throws IOException {
        if (one.length != other.length) {
            throw new IOException(
                    "the archives have different classes: " + one.length + " and " + other.length + " bytes");
        }
        byte[] common = one.clone();
        int places = 0;
        for (int at = Arrays.mismatch(one, other); at >= 0; at = next(one, other, at)) {
            int length = lengthAt(at);
            int start = at / length * length;
            Arrays.fill(common, start, start + length, (byte) 0);
            if (++places > PLACES_MAX) {
                throw new IOException("the archives differ in more than their time");
            }
        }
        return common;
    }

    private static int lengthAt(int at) {
        return at < HEADER_BYTES_MAX ? CHECKSUM_BYTES : CLOCK_BYTES;
    }

    /** Returns the next place after this one where they differ; -1 if there is none. */
    private static int next(byte[] one, byte[] other, int at) {
        int from = (at / lengthAt(at) + 1) * lengthAt(at);
        int further = Arrays.mismatch(one, from, one.length, other, from, other.length);
        return further < 0 ? -1 : from + further;
    }
}
