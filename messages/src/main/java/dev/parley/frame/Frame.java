package dev.parley.frame;

import dev.parley.json.FlatObject;
import dev.parley.json.JoinedBytes;
import dev.parley.json.JsonScan;
import dev.parley.names.ContentTypes;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One message as it is on the wire: its header, and its content, which has the length that the header says. Any thread
 * may use it, as long as nothing writes to the array. If a reader has lent the frame, only the reader's thread may use
 * it, and only until that thread reads on.
 */
public final class Frame {
    private enum Flat {
        UNKNOWN,
        NONE,
        THERE
    }

    private final Header header;
    private final int contentLength;
    private final int wireLength;
    private final boolean lent;

    /** The content in one array; null if the content is in several parts. */
    private final byte @Nullable [] content;

    private final @Nullable JoinedBytes joined;

    /**
     * The content as a flat object. It is read when it is first needed. If two threads read it at the same time, they
     * get equal results.
     */
    private @Nullable FlatObject flat;

    private Flat flatIs = Flat.UNKNOWN;

    /** The result of a scan of the content; null before the first scan. */
    private volatile @Nullable JsonScan scanned;

    /**
     * Makes a frame that keeps this array, and does not copy it.
     *
     * @param header the header; its {@code contentLength} must be the length of the content, which is not checked here
     * @param content the content, which may be empty
     */
    public Frame(Header header, byte[] content) {
        this(header, content, content.length, false);
    }

    /**
     * Makes a frame whose content is in several parts.
     *
     * @param header the header; its {@code contentLength} must be the length of the content, which is not checked here
     * @param content the content, which may be empty
     */
    public Frame(Header header, JoinedBytes content) {
        this.header = header;
        this.contentLength = content.length();
        this.wireLength = contentLength;
        this.lent = false;
        this.content = null;
        this.joined = content;
    }

    /** Makes a frame. If {@code lent} is true, the reader will use the array again. */
    Frame(Header header, byte[] content, boolean lent) {
        this(header, content, content.length, lent);
    }

    private Frame(Header header, byte[] content, int wireLength, boolean lent) {
        this.header = header;
        this.contentLength = content.length;
        this.wireLength = wireLength;
        this.content = content;
        this.lent = lent;
        this.joined = null;
    }

    /** {@return the header} */
    public Header header() {
        return header;
    }

    /** {@return the content, as the frame's own array} */
    public byte[] content() {
        byte[] whole = content;
        return whole == null ? Objects.requireNonNull(joined).together() : whole;
    }

    /** {@return the length of the content in bytes} */
    public int contentLength() {
        return contentLength;
    }

    /**
     * {@return the number of bytes that the content had on the wire, which the credit of a stream counts} It differs
     * from {@link #contentLength} if the content arrived compressed, and this frame has it uncompressed.
     */
    public int wireLength() {
        return wireLength;
    }

    /** Copies the content into an array, which must have room for it. */
    void copyContent(byte[] to, int at) {
        JoinedBytes parts = joined;
        if (parts == null) {
            System.arraycopy(content(), 0, to, at, contentLength);
        } else {
            parts.copy(to, at);
        }
    }

    /** {@return new buffers for the parts of the content, each with a position of its own} */
    public ByteBuffer[] contentParts() {
        JoinedBytes parts = joined;
        return parts == null ? new ByteBuffer[] {ByteBuffer.wrap(content())} : parts.parts();
    }

    /**
     * {@return this frame's content with another header}
     *
     * @param other another header for the same content
     */
    public Frame with(Header other) {
        JoinedBytes parts = joined;
        Frame same = parts == null ? new Frame(other, content(), wireLength, lent) : new Frame(other, parts);
        same.scanned = scanned;
        return same;
    }

    /** {@return the result of an earlier scan of the content; null if there was none} */
    public @Nullable JsonScan scannedOrNull() {
        return scanned;
    }

    /**
     * Keeps the result of a scan, so that the content need not be scanned again.
     *
     * @param scan the scan of this content
     */
    public void keep(JsonScan scan) {
        scanned = scan;
    }

    /** {@return whether a reader has lent this frame, so that it may use the array again} */
    public boolean isLent() {
        return lent;
    }

    /** {@return whether the content is compressed, which the key {@code content-coding} of the header says} */
    public boolean isPacked() {
        return !header.others().isEmpty() && header.others().containsKey(Header.CONTENT_CODING);
    }

    /**
     * {@return this frame with its content compressed by gzip, or this frame itself if its content is already
     * compressed, or would not become shorter}
     */
    public Frame packed() {
        if (isPacked()) {
            return this;
        }
        byte[] packed = Gzip.pack(content());
        return packed.length < contentLength ? new Frame(header.packed(packed.length), packed) : this;
    }

    /**
     * {@return this frame with its content uncompressed, or this frame itself if its content is not compressed}
     *
     * @param bytesMax the maximum number of bytes of the uncompressed content
     * @throws FrameException if the uncompressed content has more bytes, or the content is not one gzip member
     */
    public Frame unpacked(int bytesMax) throws FrameException {
        if (!isPacked()) {
            return this;
        }
        byte[] unpacked = Gzip.unpack(content(), bytesMax);
        return new Frame(header.unpacked(unpacked.length), unpacked, wireLength, false);
    }

    /** {@return this frame, or a copy if a reader has lent it, so that it can be kept} */
    public Frame kept() {
        return lent ? new Frame(header, content().clone()) : this;
    }

    /** {@return the content as a small flat object; null if it needs a general parser} */
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
        FlatObject before = lent ? flat : null; // if the frame is not lent, another thread may be reading the object
        if (before != null) {
            return before.isFlatNow();
        }
        flat = FlatObject.parseOrNull(content());
        return flat != null;
    }

    /** Forgets the results of reading the array. Called when the bytes of the array have changed. */
    void renew() {
        flatIs = Flat.UNKNOWN;
        if (scanned != null) { // a volatile read costs less than a volatile write
            scanned = null;
        }
    }
}
