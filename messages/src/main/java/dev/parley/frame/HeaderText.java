package dev.parley.frame;

import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.json.JsonText;
import java.util.List;
import java.util.Map;

/**
 * Writes a header in the form in which the tutorial's programs write it: a JSON object with a blank after each comma
 * and colon.
 */
final class HeaderText {
    private HeaderText() {}

    /**
     * {@return the header as text; the four required keys come first}
     *
     * @param header any header; nothing is checked
     */
    static String json(Header header) {
        var json = new StringBuilder("{");
        member(json, "byteorder", header.byteOrder());
        member(json.append(", "), "content-type", header.contentType());
        member(json.append(", "), "content-encoding", header.contentEncoding());
        member(json.append(", "), "content-length", header.contentLength());
        if (header.id() != Header.NO_ID) {
            member(json.append(", "), Header.ID, header.id());
        }
        header.others().forEach((name, value) -> member(json.append(", "), name, value));
        return json.append('}').toString();
    }

    private static void member(StringBuilder json, String name, Object value) {
        JsonText.appendString(json, name);
        json.append(": ");
        value(json, value);
    }

    private static void value(StringBuilder json, Object value) {
        switch (value) {
            case String text -> JsonText.appendString(json, text);
            case JsonNumber number -> json.append(number.text());
            case JsonNull _ -> json.append("null");
            case List<?> items -> {
                String separator = "[";
                for (Object item : items) {
                    json.append(separator);
                    value(json, item);
                    separator = ", ";
                }
                json.append(items.isEmpty() ? "[]" : "]");
            }
            case Map<?, ?> members -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : members.entrySet()) {
                    member(json.append(separator), String.valueOf(entry.getKey()), entry.getValue());
                    separator = ", ";
                }
                json.append(members.isEmpty() ? "{}" : "}");
            }
            default -> json.append(value); // Boolean, Integer, Long
        }
    }
}
