package dev.parley.frame;

/**
 * One message as it stands on the wire: its header and as many bytes of content as that says. Any thread, as long as
 * nobody writes to the array.
 */
public final class Frame {
    private final Header header;
    private final byte[] content;

    /**
     * A frame that holds this array, and not a copy.
     *
     * @param header its {@code contentLength} is the length of the content; that is not checked here
     * @param content maybe empty
     */
    public Frame(Header header, byte[] content) {
        this.header = header;
        this.content = content;
    }

    /** {@return the header} */
    public Header header() {
        return header;
    }

    /** {@return the content; the frame's own array} */
    public byte[] content() {
        return content;
    }
}
