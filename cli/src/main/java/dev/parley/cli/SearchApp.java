package dev.parley.cli;

import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.json.FlatObject;
import dev.parley.json.JoinedBytes;
import dev.parley.json.JsonScan;
import dev.parley.json.JsonText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tutorial's application: it finds the results of searches, sends an {@code echo} back, and shows the first bytes
 * of anything that is not JSON. It never blocks, so it runs on the loop.
 */
final class SearchApp implements Handler.Simple<Message, Message> {
    private static final String BINARY_TYPE = "binary/custom-server-binary-type";
    private static final byte[] BINARY_PREFIX = "First 10 bytes of request: ".getBytes(StandardCharsets.UTF_8);
    private static final int BINARY_SHOWN_BYTES = 10;
    private static final int SHOWN_CODE_POINTS_MAX = 256;
    private static final String SEARCH = "search";
    private static final String ECHO = "echo";
    private static final String VALUE = "value";
    private static final byte[] RESULT = "{\"result\": ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = {'}'};
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private static final Message ECHO_OF_NOTHING = Message.json("{\"result\": null}");

    private final SearchData data;

    /** Makes an application that searches in this data. */
    SearchApp(SearchData data) {
        this.data = data;
    }

    /** Handles a request. Like the tutorial's server, it treats {@code application/json} as bytes. */
    @Override
    public Message handle(Message request) {
        if (!request.header().contentType().equals(Message.TEXT_JSON)) {
            return showFirstBytes(request.content());
        }
        FlatObject flat = request.flatOrNull();
        if (flat == null || !flat.has(VALUE)) {
            return answer(request);
        }
        if (isFor(ECHO, request, flat)) {
            return Message.json(JoinedBytes.of(RESULT, flat.bytes(VALUE), END));
        }
        String value = isFor(SEARCH, request, flat) ? flat.text(VALUE) : null;
        return value != null ? found(value) : answer(request);
    }

    private static boolean isFor(String action, Message request, FlatObject content) {
        String inHeader = request.header().text(Header.ACTION);
        return inHeader == null ? content.isText(Header.ACTION, action) : inHeader.equals(action);
    }

    /**
     * Handles the requests that {@link #handle} cannot answer from a flat object. It makes no objects of the content,
     * and sends the values of the content back unchanged.
     */
    private Message answer(Message request) {
        JsonScan content = request.scan();
        String inHeader = request.header().text(Header.ACTION);
        String action = inHeader == null ? content.text(Header.ACTION) : inHeader;
        if (SEARCH.equals(action)) {
            String value = content.text(VALUE);
            return value != null ? found(value) : notFound(shown(content, VALUE));
        }
        if (ECHO.equals(action)) {
            return content.has(VALUE) ? Message.json(content.joined(RESULT, VALUE, END)) : ECHO_OF_NOTHING;
        }
        return result("Error: invalid action '" + (inHeader == null ? shown(content, Header.ACTION) : inHeader) + "'.");
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

    /**
     * Returns the text of the peer's value, cut to a maximum length. An absent value is shown as Python's {@code None}.
     */
    private static String shown(JsonScan content, String name) {
        String text = content.text(name);
        if (text == null) {
            byte[] value = content.has(name) ? content.bytes(name) : NULL;
            text = Arrays.equals(value, NULL) ? "None" : new String(value, StandardCharsets.UTF_8);
        }
        return cut(text);
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
