package dev.parley.frame;

import java.nio.charset.StandardCharsets;

/**
 * The bytes of a header without its two numbers. Headers that differ only in {@code content-length} and {@code id} have
 * the same template. Immutable.
 */
final class HeaderTemplate {
    private static final String LENGTH = "\"content-length\": ";
    private static final int REQUIRED_KEYS = 4;

    private final Header header;
    private final byte[] beforeLength;
    private final byte[] afterId;
    private final int keys;

    /** Makes the template of this header, and of all headers that differ from it only in the two numbers. */
    HeaderTemplate(Header like) {
        header = new Header(
                like.byteOrder(), like.contentType(), like.contentEncoding(), 0, Header.NO_ID, like.others());
        keys = REQUIRED_KEYS + like.others().size();
        String whole = HeaderText.json(header);
        int number = whole.indexOf(LENGTH + "0") + LENGTH.length();
        beforeLength = whole.substring(0, number).getBytes(StandardCharsets.UTF_8);
        afterId = whole.substring(number + 1).getBytes(StandardCharsets.UTF_8);
    }

    /** Returns true if this is the template of the other header. */
    boolean isOf(Header other) {
        return header.contentType().equals(other.contentType())
                && header.contentEncoding().equals(other.contentEncoding())
                && header.byteOrder().equals(other.byteOrder())
                && header.others().equals(other.others());
    }

    /** Returns the number of keys, without the id. */
    int keys() {
        return keys;
    }

    /** Returns the number of bytes of the template. */
    int length() {
        return beforeLength.length + afterId.length;
    }

    /** Returns the bytes up to the digits of {@code content-length}. */
    byte[] beforeLength() {
        return beforeLength;
    }

    /** Returns the bytes after the digits of {@code content-length} and after the id. */
    byte[] afterId() {
        return afterId;
    }
}
