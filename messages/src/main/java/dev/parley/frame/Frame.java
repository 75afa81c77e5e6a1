package dev.parley.frame;

import java.nio.ByteBuffer;
import java.util.Objects;
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
    private final int contentLength;
    private final boolean lent;

    /** Null while the content is in several parts, and nobody has asked for it in one array. */
    private byte @Nullable [] content;

    private final @Nullable JoinedBytes joined;

    /** Read once, by whoever asks first; two threads that both do find the same. */
    private @Nullable FlatObject flat;

    private Flat flatIs = Flat.UNKNOWN;

    /** What a scan of the content has seen; null before the first one. */
    private volatile @Nullable JsonScan scanned;

    /**
     * A frame that holds this array, and not a copy.
     *
     * @param header its {@code contentLength} is the length of the content; that is not checked here
     * @param content maybe empty
     */
    public Frame(Header header, byte[] content) {
        this(header, content, false);
    }

    /**
     * A frame whose content stands in several parts.
     *
     * @param header its {@code contentLength} is the length of the content; that is not checked here
     * @param content maybe empty
     */
    public Frame(Header header, JoinedBytes content) {
        this.header = header;
        this.contentLength = content.length();
        this.lent = false;
        this.joined = content;
    }

    /** A frame whose array the reader will use again. */
    Frame(Header header, byte[] content, boolean lent) {
        this.header = header;
        this.contentLength = content.length;
        this.content = content;
        this.lent = lent;
        this.joined = null;
    }

    /** {@return the header} */
    public Header header() {
        return header;
    }

    /** {@return the content; the frame's own array} */
    public byte[] content() {
        byte[] whole = content;
        if (whole == null) {
            whole = Objects.requireNonNull(joined).together();
            content = whole;
        }
        return whole;
    }

    /** {@return how many bytes the content has} */
    public int contentLength() {
        return contentLength;
    }

    /** Copies the content to where it leaves, which has room for it. */
    void copyContent(byte[] to, int at) {
        JoinedBytes parts = joined;
        if (parts == null) {
            System.arraycopy(content(), 0, to, at, contentLength);
        } else {
            parts.copy(to, at);
        }
    }

    /** {@return the parts that the content stands in, each with a position of its own} */
    public ByteBuffer[] contentParts() {
        JoinedBytes parts = joined;
        return parts == null ? new ByteBuffer[] {ByteBuffer.wrap(content())} : parts.parts();
    }

    /**
     * {@return this frame's content with another header}
     *
     * @param other says the same of the content
     */
    public Frame with(Header other) {
        JoinedBytes parts = joined;
        Frame same = parts == null ? new Frame(other, content(), lent) : new Frame(other, parts);
        same.scanned = scanned;
        return same;
    }

    /** {@return what a scan of the content saw before; null if there was none} */
    public @Nullable JsonScan scannedOrNull() {
        return scanned;
    }

    /**
     * Keeps what a scan has seen, so that there need not be another one.
     *
     * @param scan of this content
     */
    public void keep(JsonScan scan) {
        scanned = scan;
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
        byte[] unpacked = Gzip.unpack(content(), bytesMax);
        return new Frame(header.unpacked(unpacked.length), unpacked);
    }

    /** {@return this frame, to keep: where a reader has lent it, a copy} */
    public Frame kept() {
        return lent ? new Frame(header, content().clone()) : this;
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
        flat = FlatObject.parseOrNull(content());
        return flat != null;
    }

    /** Other bytes are in the array by now. */
    void renew() {
        flatIs = Flat.UNKNOWN;
        if (scanned != null) { // to look costs less than to write what all threads must see
            scanned = null;
        }
    }
}
