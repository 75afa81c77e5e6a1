package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.FlatObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What an error response says to people (docs/protocol.md, section 9). Any thread. */
public final class ErrorText {
    private ErrorText() {}

    /** {@return its words, as the peer wrote them, without the tutorial's {@code Error: } before them} */
    public static String of(Message response) {
        FlatObject flat = response.flatOrNull(); // read on the loop, where the general parser's start would take long
        if (flat != null) {
            return told(flat.text("result"));
        }
        JsonNode content = response.isJson() ? response.jsonOrNull() : null;
        JsonNode result = content == null ? null : content.get("result");
        return told(result != null && result.isString() ? result.stringValue() : null);
    }

    private static String told(@Nullable String text) {
        return text == null || text.isEmpty() ? "(no reason given)" : text.replaceFirst("^Error: ", "");
    }
}
