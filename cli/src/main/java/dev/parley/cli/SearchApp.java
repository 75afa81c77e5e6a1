package dev.parley.cli;

import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.RefusedRequestException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.JsonText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The tutorial's application: searches three things, and shows the first bytes of anything that is not JSON. */
final class SearchApp implements Handler {
    private static final Map<String, String> RESULTS = Map.of(
            "morpheus", "Follow the white rabbit. \ud83d\udc30",
            "ring", "In the caves beneath the Misty Mountains. \ud83d\udc8d",
            "\ud83d\udc36", "\ud83d\udc3e Playing ball! \ud83c\udfd0");

    private static final String BINARY_TYPE = "binary/custom-server-binary-type";
    private static final byte[] BINARY_PREFIX = "First 10 bytes of request: ".getBytes(StandardCharsets.UTF_8);
    private static final int BINARY_SHOWN_BYTES = 10;
    private static final int SHOWN_CODE_POINTS_MAX = 256;

    @Override
    public Message handle(Message request) throws RefusedRequestException {
        return request.isJson() ? answer(request) : showFirstBytes(request.content());
    }

    private static Message answer(Message request) throws RefusedRequestException {
        JsonNode content = request.jsonOrNull();
        if (content == null) {
            throw new RefusedRequestException(
                    ErrorCode.BAD_CONTENT, "the content is not one JSON value in its character set");
        }
        JsonNode action = content.get("action");
        if (action == null || !action.isString() || !action.stringValue().equals("search")) {
            return result("Error: invalid action '" + shown(action) + "'.");
        }
        JsonNode value = content.get("value");
        String found = value != null && value.isString() ? RESULTS.get(value.stringValue()) : null;
        return result(found != null ? found : "No match for '" + shown(value) + "'.");
    }

    private static Message result(String text) {
        return Message.json("{\"result\": " + JsonText.string(text) + "}");
    }

    /** The peer's own value, bounded; what is absent is Python's {@code None}. */
    private static String shown(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return "None";
        }
        String text = value.isString() ? value.stringValue() : value.toString();
        return text.codePointCount(0, text.length()) <= SHOWN_CODE_POINTS_MAX
                ? text
                : text.substring(0, text.offsetByCodePoints(0, SHOWN_CODE_POINTS_MAX));
    }

    private static Message showFirstBytes(byte[] content) {
        var answer = new ByteArrayOutputStream();
        answer.writeBytes(BINARY_PREFIX);
        answer.write(content, 0, Math.min(BINARY_SHOWN_BYTES, content.length));
        return Message.binary(BINARY_TYPE, answer.toByteArray());
    }
}
