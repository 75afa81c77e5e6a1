package dev.parley.frame;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the keys of a header (protocol section 2). What the boundary of the next message hangs on comes first, so that
 * a fatal error is never hidden behind one that is not.
 */
final class HeaderFields {
    private static final int LENGTH_DIGITS_MAX = 32;
    private static final Set<String> CHARACTER_SETS =
            Set.of("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "utf-16", "utf-16le", "utf-16be");

    private final Map<String, Object> keys;
    private final FrameLimits limits;

    HeaderFields(Map<String, Object> keys, FrameLimits limits) {
        this.keys = keys;
        this.limits = limits;
    }

    /** The length of the content; every error of it is fatal. */
    int contentLength() throws FrameException {
        Object value = keys.get("content-length");
        if (value == null) {
            throw FrameException.fatal(ErrorCode.MISSING_FIELD, "content-length is missing");
        }
        if (!(value instanceof JsonNumber number)
                || !number.isDigits()
                || number.text().length() > LENGTH_DIGITS_MAX) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "content-length must be a whole number, 0 or more");
        }
        if (number.text().length() > 10 || Long.parseLong(number.text()) > limits.contentBytesMax()) {
            throw FrameException.fatal(
                    ErrorCode.CONTENT_TOO_LARGE,
                    "content-length is above the limit of " + limits.contentBytesMax() + " bytes");
        }
        return Integer.parseInt(number.text());
    }

    /** The whole header; its errors refuse this message alone. */
    Header header(int contentLength) throws FrameException {
        String byteOrder = string("byteorder");
        if (!byteOrder.equals("little") && !byteOrder.equals("big")) {
            throw FrameException.refused(ErrorCode.BAD_FIELD, "byteorder must be \"little\" or \"big\"");
        }
        String type = string("content-type");
        if (type.isEmpty() || type.chars().anyMatch(Character::isISOControl)) {
            throw FrameException.refused(
                    ErrorCode.BAD_FIELD, "content-type must not be empty or hold control characters");
        }
        String encoding = encoding(type);
        var others = new LinkedHashMap<>(keys);
        others.keySet().removeAll(Set.of("byteorder", "content-type", "content-encoding", "content-length"));
        return new Header(byteOrder, type, encoding, contentLength, others);
    }

    /** From a list, never a look-up by the peer's name. */
    private String encoding(String type) throws FrameException {
        String encoding = string("content-encoding").toLowerCase(Locale.ROOT);
        boolean json = type.equals("text/json") || type.equals("application/json");
        if (!CHARACTER_SETS.contains(encoding) && !encoding.equals("binary")) {
            throw FrameException.refused(
                    ErrorCode.UNSUPPORTED_ENCODING, "content-encoding is none that this server knows");
        }
        if (json && encoding.equals("binary")) {
            throw FrameException.refused(
                    ErrorCode.UNSUPPORTED_ENCODING, "content-encoding of JSON must be a character set");
        }
        return encoding;
    }

    private String string(String key) throws FrameException {
        @Nullable Object value = keys.get(key);
        if (value == null) {
            throw FrameException.refused(ErrorCode.MISSING_FIELD, key + " is missing");
        }
        if (!(value instanceof String text)) {
            throw FrameException.refused(ErrorCode.BAD_FIELD, key + " must be a string");
        }
        return text;
    }
}
