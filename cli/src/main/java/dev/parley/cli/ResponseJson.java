package dev.parley.cli;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.json.JsonText;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

/**
 * Decides how a response is printed as one line of JSON: with its header unchanged, and with its content as JSON, as
 * text or in Base64.
 */
final class ResponseJson {
    private ResponseJson() {}

    static String of(Message response) {
        Header header = response.header();
        return "{\"status\": " + JsonText.string(response.status().orElse("ok")) + ", \"header\": " + header.toJson()
                + ", " + content(response) + "}";
    }

    private static String content(Message response) {
        JsonNode json = response.isJson() ? response.jsonOrNull() : null;
        if (json != null) {
            return "\"content\": " + json;
        }
        if (!response.header().contentEncoding().equals("binary")) {
            try {
                return "\"content_text\": " + JsonText.string(response.text());
            } catch (ContentException notInItsCharacterSet) {
                return base64(response);
            }
        }
        return base64(response);
    }

    private static String base64(Message response) {
        return "\"content_base64\": \"" + Base64.getEncoder().encodeToString(response.content()) + "\"";
    }
}
