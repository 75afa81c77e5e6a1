package dev.parley.frame;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The character sets that a content may be in (docs/protocol.md, section 5): a list, so that no peer names a class of
 * the JDK's.
 */
public final class CharacterSets {
    /** Their names, for messages. */
    public static final String NAMES = "utf-8, us-ascii, iso-8859-1, utf-16, utf-16le, utf-16be and, for bytes, binary";

    private CharacterSets() {}

    /**
     * {@return the character set of this name; null where it is none of the list}
     *
     * @param name in small letters
     */
    public static @Nullable Charset named(String name) {
        return switch (name) {
            case "utf-8", "utf8" -> StandardCharsets.UTF_8;
            case "us-ascii", "ascii" -> StandardCharsets.US_ASCII;
            case "iso-8859-1", "latin-1" -> StandardCharsets.ISO_8859_1;
            case "utf-16" -> StandardCharsets.UTF_16;
            case "utf-16le" -> StandardCharsets.UTF_16LE;
            case "utf-16be" -> StandardCharsets.UTF_16BE;
            default -> null;
        };
    }
}
