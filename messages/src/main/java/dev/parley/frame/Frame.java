package dev.parley.frame;

/** One message as it stands on the wire: its header and as many bytes of content as that says. */
public final class Frame {
    private final Header header;
    private final byte[] content;

    /** A frame that holds this array, and not a copy. */
    public Frame(Header header, byte[] content) {
        this.header = header;
        this.content = content;
    }

    /** The header. */
    public Header header() {
        return header;
    }

    /** The content; the frame's own array. */
    public byte[] content() {
        return content;
    }
}
