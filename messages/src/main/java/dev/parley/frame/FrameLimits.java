package dev.parley.frame;

/**
 * The limits on the length of a message, with their defaults: the maximum number of bytes of its header and of its
 * content, as it was sent and uncompressed. Immutable.
 */
public final class FrameLimits {
    /**
     * The largest {@code contentBytesMax}, a little less than 2 GiB. So the length of a whole message, with its header,
     * is a number below 2^31.
     */
    public static final int CONTENT_BYTES_MAX = Integer.MAX_VALUE - 128 * 1024;

    /** The maximum number of keys of a header, whatever the limits are (docs/protocol.md, section 3). */
    public static final int HEADER_KEYS_MAX = 64;

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

    /**
     * {@return the maximum number of bytes of a content; 0 to {@link #CONTENT_BYTES_MAX}; default 1 MiB}
     */
    public int contentBytesMax() {
        return contentBytesMax;
    }

    /**
     * {@return these limits with another {@code contentBytesMax}}
     *
     * @param bytes the new limit, 0 to {@link #CONTENT_BYTES_MAX}
     * @throws IllegalArgumentException if the limit is out of its range
     */
    public FrameLimits withContentBytesMax(int bytes) {
        if (bytes < 0 || bytes > CONTENT_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "contentBytesMax is " + bytes + "; it must be from 0 to " + CONTENT_BYTES_MAX);
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
