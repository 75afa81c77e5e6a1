package dev.parley.client;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.json.FlatObject;
import dev.parley.json.JsonText;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Converts requests to the form that a plain peer can read, or decides that this is impossible. The tutorial's server
 * looks for the action only in the JSON content. If the content is empty, or is JSON that Python counts as false, the
 * server loops forever.
 */
final class PlainForm {
    private PlainForm() {}

    /**
     * Returns the request with its action also in its content, or null if the request must not be sent to a plain peer.
     */
    static @Nullable Message carryingAction(Message request, @Nullable String action) {
        if (request.contentLength() == 0) {
            return null;
        }
        if (!request.isJson()) {
            return action == null ? request : null;
        }
        FlatObject flat = request.flatOrNull();
        return flat == null ? carryingByJackson(request, action) : carryingFlat(flat, request, action);
    }

    /**
     * Returns true if {@link #carryingAction} needs the general parser for this request. Then it should not run on the
     * loop, since the first use of the parser takes long, and so does a large content.
     */
    static boolean isForJackson(Message request) {
        return request.isJson() && request.contentLength() > 0 && request.flatOrNull() == null;
    }

    private static @Nullable Message carryingFlat(FlatObject content, Message request, @Nullable String action) {
        if (action == null && content.isEmpty()) {
            return null;
        }
        if (action == null || content.isText(Header.ACTION, action)) {
            return request;
        }
        return content.has(Header.ACTION) ? null : withAction(request, action);
    }

    private static @Nullable Message carryingByJackson(Message request, @Nullable String action) {
        JsonNode content = request.jsonOrNull();
        if (content == null) {
            return null;
        }
        if (action == null) {
            return isFalseInPython(content) ? null : request;
        }
        JsonNode own = content.get(Header.ACTION);
        if (own != null) {
            return own.isString() && own.stringValue().equals(action) ? request : null;
        }
        return content.isObject() ? withAction(request, action) : null;
    }

    private static boolean isFalseInPython(JsonNode content) {
        return content.isNull()
                || content.isContainer() && content.isEmpty()
                || content.isString() && content.stringValue().isEmpty()
                || content.isBoolean() && !content.booleanValue()
                || content.isNumber() && content.decimalValue().signum() == 0;
    }

    /** Returns the request with the action as the first member of its content, which must be a JSON object. */
    private static Message withAction(Message request, String action) {
        String text = request.text();
        int open = text.indexOf('{');
        String rest = text.substring(open + 1).stripLeading();
        String json = text.substring(0, open + 1) + "\"action\": " + JsonText.string(action)
                + (rest.startsWith("}") ? "" : ", ") + rest;
        Message carrying = Message.json(json);
        for (var key : request.header().others().entrySet()) {
            carrying = carrying.withProtocolKey(key.getKey(), key.getValue());
        }
        return carrying;
    }
}
