package dev.parley.frame;

/**
 * The limits on the length of a message, with their defaults: the maximum number of bytes of its header and of its
 * content, as it was sent and uncompressed.
 *
 * @param headerBytesMax the maximum number of bytes of a header, 2 to 65,535, since a frame cannot express more;
 *     default 8,192
 * @param contentBytesMax the maximum number of bytes of a content, 0 or more; default 1 MiB
 */
public record FrameLimits(int headerBytesMax, int contentBytesMax) {
    private static final int HEADER_BYTES_FRAME = 65_535;

    /** The default limits, with the default of each component. */
    public static final FrameLimits DEFAULT = new FrameLimits(8_192, 1024 * 1024);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names the limit and its range
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
     * Checks a message before it is sent.
     *
     * @param frameBytes the length of the whole message, in bytes
     * @param contentBytes the length of its content, in bytes
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
