package dev.parley.cli;

import dev.parley.net.text.SafeText;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Converts a peer's bytes, which arrive in pieces of any length, to text that is safe on a terminal. Control
 * characters, which the terminal would obey, are escaped. Bytes that are not UTF-8 become a replacement character. Not
 * safe for several threads.
 */
final class ForeignBytes {
    private static final byte[] NOTHING = {};

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The first bytes of a character whose other bytes have not arrived yet. */
    private byte[] begun = NOTHING;

    private boolean changed;

    /**
     * {@return the text of these bytes, which follow the bytes of earlier calls; an incomplete character at the end is
     * kept for the next call}
     */
    String shown(byte[] bytes, int offset, int length) {
        ByteBuffer all = ByteBuffer.allocate(begun.length + length);
        all.put(begun).put(bytes, offset, length).flip();
        return decode(all, false);
    }

    /** {@return the text of the bytes that were kept} Call this when no more bytes follow. */
    String rest() {
        String text = decode(ByteBuffer.wrap(begun), true);
        decoder.reset();
        return text;
    }

    /** {@return whether a character was escaped or replaced since the last call} */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    private String decode(ByteBuffer bytes, boolean last) {
        var text = CharBuffer.allocate(bytes.remaining() + 1);
        decoder.decode(bytes, text, last);
        begun = new byte[bytes.remaining()];
        bytes.get(begun);
        String decoded = text.flip().toString();
        String safe = SafeText.lines(decoded);
        changed |= !safe.equals(decoded) || decoded.indexOf('\ufffd') >= 0;
        return safe;
    }
}
