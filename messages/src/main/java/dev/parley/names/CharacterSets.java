package dev.parley.names;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The character sets that a content may have (docs/protocol.md, section 5). The list is fixed, so a peer cannot make
 * the JDK load other character sets.
 */
public final class CharacterSets {
    /** The names of the character sets, for error messages: the names of the IANA, and those of Python's codecs. */
    public static final String NAMES = "utf-8, utf8, u8, us-ascii, ascii, iso-8859-1, iso8859-1, latin-1, latin1,"
            + " latin, l1, cp819, utf-16, utf16, u16, utf-16le, utf-16-le, utf-16be, utf-16-be ('_' counts as '-')"
            + " and, for bytes, binary";

    private CharacterSets() {}

    /**
     * {@return the character set of this name; null if the name is not in the list}
     *
     * @param name a name in upper or lower case, which may have {@code _} instead of {@code -}
     */
    public static @Nullable Charset named(String name) {
        return switch (name.toLowerCase(Locale.ROOT).replace('_', '-')) {
            case "utf-8", "utf8", "u8" -> StandardCharsets.UTF_8;
            case "us-ascii", "ascii" -> StandardCharsets.US_ASCII;
            case "iso-8859-1", "iso8859-1", "latin-1", "latin1", "latin", "l1", "cp819" -> StandardCharsets.ISO_8859_1;
            case "utf-16", "utf16", "u16" -> StandardCharsets.UTF_16;
            case "utf-16le", "utf-16-le" -> StandardCharsets.UTF_16LE;
            case "utf-16be", "utf-16-be" -> StandardCharsets.UTF_16BE;
            default -> null;
        };
    }
}
