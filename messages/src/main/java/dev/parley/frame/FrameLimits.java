package dev.parley.frame;

/**
 * How long a message may be.
 *
 * @param headerBytesMax 2 to 65,535, which is all that the frame can say; default 8,192
 * @param contentBytesMax 0 or more; default 1 MiB
 */
public record FrameLimits(int headerBytesMax, int contentBytesMax) {
    private static final int HEADER_BYTES_FRAME = 65_535;

    /** The defaults named above. */
    public static final FrameLimits DEFAULT = new FrameLimits(8_192, 1024 * 1024);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when one does not hold; the message names the limit and its range
     */
    public FrameLimits {
        if (headerBytesMax < 2 || headerBytesMax > HEADER_BYTES_FRAME) {
            throw new IllegalArgumentException("headerBytesMax is " + headerBytesMax + "; 2 to " + HEADER_BYTES_FRAME);
        }
        if (contentBytesMax < 0) {
            throw new IllegalArgumentException("contentBytesMax is " + contentBytesMax + "; at least 0");
        }
    }
}
