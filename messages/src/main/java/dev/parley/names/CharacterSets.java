package dev.parley.names;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
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
     * @param name a name in lower case
     */
    public static @Nullable Charset named(String name) {
        return switch (name) {
            case "utf-8", "utf8", "utf_8", "u8" -> StandardCharsets.UTF_8;
            case "us-ascii", "ascii", "us_ascii" -> StandardCharsets.US_ASCII;
            case "iso-8859-1",
                    "iso8859-1",
                    "iso_8859_1",
                    "iso_8859-1",
                    "iso8859_1",
                    "latin-1",
                    "latin_1",
                    "latin1",
                    "latin",
                    "l1",
                    "cp819" -> StandardCharsets.ISO_8859_1;
            case "utf-16", "utf16", "utf_16", "u16" -> StandardCharsets.UTF_16;
            case "utf-16le", "utf-16-le", "utf_16_le", "utf_16le" -> StandardCharsets.UTF_16LE;
            case "utf-16be", "utf-16-be", "utf_16_be", "utf_16be" -> StandardCharsets.UTF_16BE;
            default -> null;
        };
    }
}
