package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.names.CharacterSets;
import dev.parley.names.ContentTypes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks the keys of a header (docs/protocol.md, section 4). It first checks the keys on which the boundary of the next
 * message or the matching of responses depends. So if a header has several errors and one of them is fatal, a fatal
 * error is reported.
 */
final class HeaderFields {
    private static final int LENGTH_DIGITS_MAX = 32;
    private static final Set<String> OWN_FIELDS =
            Set.of("byteorder", "content-type", "content-encoding", "content-length", Header.ID);

    private final Map<String, Object> keys;
    private final FrameLimits limits;
    private final Direction direction;

    HeaderFields(Map<String, Object> keys, FrameLimits limits, Direction direction) {
        this.keys = keys;
        this.limits = limits;
        this.direction = direction;
    }

    // Fatal errors.

    /** Returns the length of the content. Every error in this key is fatal. */
    int contentLength() throws FrameException {
        Object value = keys.get("content-length");
        if (value == null) {
            throw FrameException.fatal(ErrorCode.MISSING_FIELD, missing("content-length"));
        }
        if (!(value instanceof JsonNumber number)
                || !number.isDigits()
                || number.text().length() > LENGTH_DIGITS_MAX) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "content-length must be a whole number, 0 or more");
        }
        long length = number.text().length() > 10 ? Long.MAX_VALUE : Long.parseLong(number.text());
        int readable = direction == Direction.RESPONSE ? Integer.MAX_VALUE : limits.contentBytesMax();
        if (length > readable) {
            throw FrameException.fatal(ErrorCode.CONTENT_TOO_LARGE, aboveTheLimit());
        }
        return (int) length;
    }

    private String aboveTheLimit() {
        return "content-length is above the limit of " + limits.contentBytesMax() + " bytes";
    }

    /**
     * Checks the length of the content against the limit. If a response is too large and has an id, only the call with
     * this id fails, and the content is skipped.
     */
    void checkContentLength(int contentLength, long id) throws FrameException {
        if (contentLength > limits.contentBytesMax()) {
            throw id == Header.NO_ID
                    ? FrameException.fatal(ErrorCode.CONTENT_TOO_LARGE, aboveTheLimit())
                    : FrameException.refused(ErrorCode.CONTENT_TOO_LARGE, aboveTheLimit());
        }
    }

    /**
     * Returns the id, or {@link Header#NO_ID}. Also checks {@code more}, {@code reply} and {@code control}, which say
     * how the exchange goes on. Every error in these keys is fatal.
     */
    long id(int contentLength) throws FrameException {
        long id = keys.containsKey(Header.ID) ? idOf(keys.get(Header.ID)) : Header.NO_ID;
        for (String key : HeaderRules.OF_EXCHANGE) {
            String mistake = mistake(key);
            if (mistake != null) {
                throw FrameException.fatal(ErrorCode.BAD_FIELD, mistake);
            }
        }
        if (isMore() && id == Header.NO_ID) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "more needs an id, which identifies the pieces");
        }
        if (keys.get(Header.CONTROL) instanceof String control) {
            checkControl(control, contentLength, id);
        }
        return id;
    }

    /** Returns the rule that the value of a key breaks; null if the value is right, or the key is absent. */
    private @Nullable String mistake(String key) {
        Object value = keys.get(key);
        return value == null ? null : HeaderRules.mistake(key, value);
    }

    private static long idOf(@Nullable Object value) throws FrameException {
        long id = 0;
        if (value instanceof JsonNumber number
                && number.isDigits()
                && number.text().length() <= 16) {
            id = Long.parseLong(number.text());
        }
        if (id < 1 || id > Header.ID_MAX) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "id must be a whole number from 1 to " + Header.ID_MAX);
        }
        return id;
    }

    /** Returns true if further messages of this exchange follow. Only correct after {@link #id} has checked the key. */
    boolean isMore() {
        return Boolean.TRUE.equals(keys.get(Header.MORE));
    }

    /** Returns true if the client wants no response. Only correct after {@link #id} has checked the key. */
    boolean isOneWay() {
        return Boolean.FALSE.equals(keys.get(Header.REPLY));
    }

    private void checkControl(String name, int contentLength, long id) throws FrameException {
        if (contentLength != 0) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "content-length of a control must be 0");
        }
        if (name.equals("going-away") && direction == Direction.REQUEST) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "control going-away may only be sent by a server");
        }
        boolean isCredit = name.equals(Header.CREDIT);
        if (id == Header.NO_ID && (isCredit || name.equals("cancel"))) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, "control " + name + " needs an id");
        }
        String mistake = isCredit ? HeaderRules.mistakeOfCredit(keys.get(Header.CREDIT)) : null;
        if (mistake != null) {
            throw FrameException.fatal(ErrorCode.BAD_FIELD, mistake);
        }
    }

    /**
     * Returns the error text for a missing key. If the header has a similar key, which is probably a misspelling, the
     * text has a hint.
     */
    private String missing(String key) {
        return key + " is missing" + (MisspelledKey.isAmong(keys.keySet(), key) ? MisspelledKey.hint(key) : "");
    }

    // Errors that refuse this message only.

    /** Checks the keys that the methods above do not check, and returns the whole header. */
    Header header(int contentLength, long id) throws FrameException {
        try {
            return checkedHeader(contentLength, id);
        } catch (FrameException e) {
            // A control never gets a response, so a bad one ends the connection.
            throw keys.containsKey(Header.CONTROL) ? FrameException.fatal(e.code(), String.valueOf(e.getMessage())) : e;
        }
    }

    private Header checkedHeader(int contentLength, long id) throws FrameException {
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
        checkOptional();
        var others = new LinkedHashMap<>(keys);
        others.keySet().removeAll(OWN_FIELDS);
        return new Header(byteOrder, type, encoding, contentLength, id, Collections.unmodifiableMap(others));
    }

    /** Returns the encoding, which must be in our list. The name that the peer sent is never looked up in the JDK. */
    private String encoding(String type) throws FrameException {
        String encoding = string("content-encoding").toLowerCase(Locale.ROOT);
        if (!encoding.equals("binary") && CharacterSets.named(encoding) == null) {
            throw FrameException.refused(
                    ErrorCode.UNSUPPORTED_ENCODING, "content-encoding must be one of " + CharacterSets.NAMES);
        }
        if (encoding.equals("binary") && ContentTypes.isJson(type)) {
            throw FrameException.refused(
                    ErrorCode.UNSUPPORTED_ENCODING, "content-encoding of JSON must be a character set");
        }
        return encoding;
    }

    private String string(String key) throws FrameException {
        @Nullable Object value = keys.get(key);
        if (value == null) {
            throw FrameException.refused(ErrorCode.MISSING_FIELD, missing(key));
        }
        if (!(value instanceof String text)) {
            throw FrameException.refused(ErrorCode.BAD_FIELD, key + " must be a string");
        }
        return text;
    }

    private void checkOptional() throws FrameException {
        for (String key : direction.keysOfOtherSide()) {
            if (keys.containsKey(key)) {
                String hint = direction == Direction.RESPONSE ? "; did an echo server send our request back?" : "";
                throw FrameException.refused(ErrorCode.BAD_FIELD, key + " may only be sent by the other side" + hint);
            }
        }
        if (keys.containsKey(Header.CONTENT_CODING) && keys.containsKey(Header.CONTROL)) {
            throw FrameException.refused(
                    ErrorCode.BAD_FIELD, "content-coding must be absent: a control has no content");
        }
        for (String key : HeaderRules.OF_MESSAGE) {
            String mistake = mistake(key);
            if (mistake != null) {
                boolean isCoding = key.equals(Header.CONTENT_CODING) && keys.get(key) instanceof String;
                throw FrameException.refused(isCoding ? ErrorCode.UNSUPPORTED_ENCODING : ErrorCode.BAD_FIELD, mistake);
            }
        }
    }
}
