package dev.parley.client;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.json.FlatObject;
import dev.parley.json.JsonText;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Gives requests the form that a plain peer can take. The tutorial's server finds the action in the JSON content alone,
 * and spins forever on empty content and on JSON that Python counts as false.
 */
final class PlainForm {
    private PlainForm() {}

    /** Returns the request with its action in its content as well; null if such a peer could not be sent it. */
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

    /** Returns true if only a general parser can decide that; its first use takes long, and so does a large content. */
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

    /**
     * Returns the request with the action as a member in front of the others, if there are others; the text is an
     * object.
     */
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
