package dev.parley.frame;

import java.util.Map;

/**
 * The header of a message.
 *
 * @param byteOrder {@code little} or {@code big}: how to read numbers inside binary content
 * @param contentType such as {@code text/json}
 * @param contentEncoding the character set of text, or {@code binary}
 * @param contentLength in bytes, 0 or more
 * @param others every other key, in the order of the wire: a {@link String}, {@link Boolean}, {@link JsonNumber},
 *     {@link java.util.List}, {@link Map} or {@link JsonNull}
 */
public record Header(
        String byteOrder, String contentType, String contentEncoding, int contentLength, Map<String, Object> others) {
    /** The key of a response that is an error. */
    public static final String STATUS = "status";

    /** The key of the last response on a connection. */
    public static final String CLOSE = "close";
}
