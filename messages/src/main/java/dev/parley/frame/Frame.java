package dev.parley.frame;

import org.jspecify.annotations.Nullable;

/**
 * One message as it stands on the wire: its header and as many bytes of content as that says. Any thread, as long as
 * nobody writes to the array; a frame that a reader has lent belongs to the reader's thread, until it reads on.
 */
public final class Frame {
    private enum Flat {
        UNKNOWN,
        NONE,
        THERE
    }

    private final Header header;
    private final byte[] content;
    private final boolean lent;

    /** Read once, by whoever asks first; two threads that both do find the same. */
    private @Nullable FlatObject flat;

    private Flat flatIs = Flat.UNKNOWN;

    /**
     * A frame that holds this array, and not a copy.
     *
     * @param header its {@code contentLength} is the length of the content; that is not checked here
     * @param content maybe empty
     */
    public Frame(Header header, byte[] content) {
        this(header, content, false);
    }

    /** A frame whose array the reader will use again. */
    Frame(Header header, byte[] content, boolean lent) {
        this.header = header;
        this.content = content;
        this.lent = lent;
    }

    /** {@return the header} */
    public Header header() {
        return header;
    }

    /** {@return the content; the frame's own array} */
    public byte[] content() {
        return content;
    }

    /** {@return whether a reader has lent it, and may use it again} */
    public boolean isLent() {
        return lent;
    }

    /** {@return whether its content is compressed, as its {@code content-coding} says} */
    public boolean isPacked() {
        return !header.others().isEmpty() && header.others().containsKey(Header.CONTENT_CODING);
    }

    /**
     * {@return this frame with its content as it was before it was compressed; itself if it is not}
     *
     * @param bytesMax how much that may be
     * @throws FrameException when it is more, or the content is not one member of gzip
     */
    public Frame unpacked(int bytesMax) throws FrameException {
        if (!isPacked()) {
            return this;
        }
        byte[] unpacked = Gzip.unpack(content, bytesMax);
        return new Frame(header.unpacked(unpacked.length), unpacked);
    }

    /** {@return this frame, to keep: where a reader has lent it, a copy} */
    public Frame kept() {
        return lent ? new Frame(header, content.clone()) : this;
    }

    /** {@return the content as a small flat object; null where only a general parser can tell} */
    public @Nullable FlatObject flatOrNull() {
        if (flatIs == Flat.UNKNOWN) {
            flatIs = readFlat() ? Flat.THERE : Flat.NONE;
        }
        return flatIs == Flat.THERE ? flat : null;
    }

    private boolean readFlat() {
        boolean asciiIsItself = ContentTypes.isJson(header.contentType())
                && !header.contentEncoding().contains("16");
        if (!asciiIsItself) {
            return false;
        }
        FlatObject before = flat;
        if (before != null) {
            return before.isFlatNow();
        }
        flat = FlatObject.parseOrNull(content);
        return flat != null;
    }

    /** Other bytes are in the array by now. */
    void renew() {
        flatIs = Flat.UNKNOWN;
    }
}
