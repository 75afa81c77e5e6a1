package dev.parley.link;

import dev.parley.Message;
import dev.parley.json.FlatObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Extracts the text for people from an error response (docs/protocol.md, section 9). Any thread may use it. */
public final class ErrorText {
    private ErrorText() {}

    /** {@return the response's text as the peer wrote it, without the leading {@code Error: } of the tutorial} */
    public static String of(Message response) {
        FlatObject flat = response.flatOrNull(); // first, since loading the general parser would block the loop
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
