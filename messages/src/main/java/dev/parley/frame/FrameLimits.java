package dev.parley.frame;

/**
 * The limits on the length of a message: the most bytes of its header and of its content, with their defaults.
 *
 * @param headerBytesMax the most bytes of a header, 2 to 65,535, which is the most that a frame can express; default
 *     8,192
 * @param contentBytesMax the most bytes of a content, 0 or more; default 1 MiB
 */
public record FrameLimits(int headerBytesMax, int contentBytesMax) {
    private static final int HEADER_BYTES_FRAME = 65_535;

    /** The default limits, as listed for each component. */
    public static final FrameLimits DEFAULT = new FrameLimits(8_192, 1024 * 1024);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names both
     */
    public FrameLimits {
        if (headerBytesMax < 2 || headerBytesMax > HEADER_BYTES_FRAME) {
            throw new IllegalArgumentException(
                    "headerBytesMax is " + headerBytesMax + "; it must be from 2 to " + HEADER_BYTES_FRAME);
        }
        if (contentBytesMax < 0) {
            throw new IllegalArgumentException("contentBytesMax is " + contentBytesMax + "; it must be at least 0");
        }
    }

    /**
     * Checks a message that is to be sent.
     *
     * @param frameBytes the length of the whole message
     * @param contentBytes the length of its content
     * @throws IllegalArgumentException if its header or its content is longer than the limit
     */
    public void check(int frameBytes, int contentBytes) {
        if (contentBytes > contentBytesMax) {
            throw new IllegalArgumentException(
                    "the content has " + contentBytes + " bytes; contentBytesMax is " + contentBytesMax);
        }
        int headerBytes = frameBytes - 2 - contentBytes;
        if (headerBytes > headerBytesMax) {
            throw new IllegalArgumentException(
                    "the header has " + headerBytes + " bytes; headerBytesMax is " + headerBytesMax);
        }
    }
}
