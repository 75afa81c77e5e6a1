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
        String text = member(response, "result");
        return text == null || text.isEmpty() ? "(no reason given)" : text.replaceFirst("^Error: ", "");
    }

    /** {@return the code of the application in the response; empty if it has none} */
    public static String applicationCode(Message response) {
        String code = member(response, "code");
        return code == null ? "" : code;
    }

    private static @Nullable String member(Message response, String name) {
        FlatObject flat = response.flatOrNull(); // first, since loading the general parser would block the loop
        if (flat != null) {
            return flat.text(name);
        }
        JsonNode content = response.isJson() ? response.jsonOrNull() : null;
        JsonNode value = content == null ? null : content.get(name);
        return value != null && value.isString() ? value.stringValue() : null;
    }
}
