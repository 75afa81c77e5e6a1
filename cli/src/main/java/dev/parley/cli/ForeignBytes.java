package dev.parley.cli;

import dev.parley.net.SafeText;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * A peer's bytes, which come in pieces of any length, as text that a terminal only shows: characters that it would obey
 * are escaped, and what is not UTF-8 becomes a replacement character. Not for several threads.
 */
final class ForeignBytes {
    private static final byte[] NOTHING = {};

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The first bytes of a character whose others are still to come. */
    private byte[] begun = NOTHING;

    private boolean changed;

    /** {@return the text of these bytes behind those of before, but for a last character that is not all there} */
    String shown(byte[] bytes, int offset, int length) {
        ByteBuffer all = ByteBuffer.allocate(begun.length + length);
        all.put(begun).put(bytes, offset, length).flip();
        return decode(all, false);
    }

    /** {@return what is left where no more bytes come} */
    String rest() {
        String text = decode(ByteBuffer.wrap(begun), true);
        decoder.reset();
        return text;
    }

    /** {@return whether a character was escaped or replaced since this was last asked} */
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
