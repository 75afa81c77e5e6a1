package dev.parley.cli;

import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.frame.FlatObject;
import dev.parley.frame.Header;
import dev.parley.frame.JsonText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tutorial's application: finds what was searched for, sends an {@code echo} back, and shows the first bytes of
 * anything that is not JSON. It never blocks, so it runs on the loop.
 */
final class SearchApp implements Handler {
    private static final String BINARY_TYPE = "binary/custom-server-binary-type";
    private static final byte[] BINARY_PREFIX = "First 10 bytes of request: ".getBytes(StandardCharsets.UTF_8);
    private static final int BINARY_SHOWN_BYTES = 10;
    private static final int SHOWN_CODE_POINTS_MAX = 256;
    private static final String SEARCH = "search";
    private static final String ECHO = "echo";
    private static final String VALUE = "value";

    private final SearchData data;

    /** The application over this data. */
    SearchApp(SearchData data) {
        this.data = data;
    }

    /** To the tutorial, {@code application/json} is bytes like any other. */
    @Override
    public Message handle(Message request) {
        if (!request.header().contentType().equals(Message.TEXT_JSON)) {
            return showFirstBytes(request.content());
        }
        FlatObject flat = request.flatOrNull();
        String value = flat != null && isSearch(request, flat) ? flat.text(VALUE) : null;
        return value != null ? found(value) : answer(request);
    }

    private static boolean isSearch(Message request, FlatObject content) {
        String inHeader = request.header().text(Header.ACTION);
        return inHeader == null ? content.isText(Header.ACTION, SEARCH) : inHeader.equals(SEARCH);
    }

    /** Whatever is not a search for a plain text. */
    private Message answer(Message request) {
        JsonNode content = request.json();
        String inHeader = request.header().text(Header.ACTION);
        JsonNode inContent = content.get(Header.ACTION);
        String action =
                inHeader == null && inContent != null && inContent.isString() ? inContent.stringValue() : inHeader;
        JsonNode value = content.get(VALUE);
        if (SEARCH.equals(action)) {
            return value != null && value.isString() ? found(value.stringValue()) : notFound(shown(value));
        }
        if (ECHO.equals(action)) {
            return Message.json("{\"result\": " + (value == null ? "null" : value.toString()) + "}");
        }
        return result("Error: invalid action '" + (inHeader == null ? shown(inContent) : inHeader) + "'.");
    }

    private Message found(String value) {
        Message known = data.find(value);
        return known == null ? notFound(cut(value)) : known;
    }

    private static Message notFound(String shown) {
        return result("No match for '" + shown + "'.");
    }

    static Message result(String text) {
        return Message.json("{\"result\": " + JsonText.string(text) + "}");
    }

    /** The peer's own value, bounded; what is absent is Python's {@code None}. */
    private static String shown(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return "None";
        }
        return cut(value.isString() ? value.stringValue() : value.toString());
    }

    private static String cut(String text) {
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
