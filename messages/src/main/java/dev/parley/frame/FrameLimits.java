package dev.parley.frame;

/**
 * The limits on the length of a message, with their defaults: the maximum number of bytes of its header and of its
 * content, as it was sent and uncompressed. Immutable.
 */
public final class FrameLimits {
    private static final int HEADER_BYTES_FRAME = 65_535;

    /** The defaults that the methods below name. */
    public static final FrameLimits DEFAULT = new FrameLimits(8_192, 1024 * 1024);

    private final int headerBytesMax;
    private final int contentBytesMax;

    private FrameLimits(int headerBytesMax, int contentBytesMax) {
        this.headerBytesMax = headerBytesMax;
        this.contentBytesMax = contentBytesMax;
    }

    /**
     * {@return the maximum number of bytes of a header; 2 to 65,535, since a frame cannot express more; default 8,192}
     */
    public int headerBytesMax() {
        return headerBytesMax;
    }

    /**
     * {@return these limits with another {@code headerBytesMax}}
     *
     * @param bytes the new limit, 2 to 65,535
     * @throws IllegalArgumentException if the limit is out of its range
     */
    public FrameLimits withHeaderBytesMax(int bytes) {
        if (bytes < 2 || bytes > HEADER_BYTES_FRAME) {
            throw new IllegalArgumentException(
                    "headerBytesMax is " + bytes + "; it must be from 2 to " + HEADER_BYTES_FRAME);
        }
        return new FrameLimits(bytes, contentBytesMax);
    }

    /** {@return the maximum number of bytes of a content; 0 or more; default 1 MiB} */
    public int contentBytesMax() {
        return contentBytesMax;
    }

    /**
     * {@return these limits with another {@code contentBytesMax}}
     *
     * @param bytes the new limit, 0 or more
     * @throws IllegalArgumentException if the limit is negative
     */
    public FrameLimits withContentBytesMax(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("contentBytesMax is " + bytes + "; it must be at least 0");
        }
        return new FrameLimits(headerBytesMax, bytes);
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
