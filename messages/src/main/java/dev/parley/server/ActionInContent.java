package dev.parley.server;

import dev.parley.Message;
import dev.parley.RefusedRequestException;
import dev.parley.frame.ActionName;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Looks for the member {@code action} in a content, and makes no tree of it. */
final class ActionInContent {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser parser;
    private int depth;
    private int values;
    private @Nullable String action;

    private ActionInContent(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * The action that the content names; null if it names none.
     *
     * @throws RefusedRequestException if the content is not one JSON value
     * @throws dev.parley.ContentException if it is none in its character set
     */
    static @Nullable String of(Message request) throws RefusedRequestException {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), request.text())) {
            var found = new ActionInContent(parser);
            found.readAll();
            return found.action;
        } catch (JacksonException e) {
            throw bad("the content is not one JSON value");
        }
    }

    private static RefusedRequestException bad(String why) {
        return new RefusedRequestException(ErrorCode.BAD_CONTENT, why);
    }

    private void readAll() throws RefusedRequestException {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            if (token.isStructEnd()) {
                depth--;
                continue;
            }
            if (depth == 0 && values++ > 0) {
                throw bad("the content is not one JSON value");
            }
            if (token.isStructStart()) {
                depth++;
            } else if (depth == 1 && token == JsonToken.VALUE_STRING && Header.ACTION.equals(parser.currentName())) {
                String name = parser.getString();
                action = ActionName.isValid(name) ? name : null;
            }
        }
        if (values == 0) {
            throw bad("the content is empty; it says that it is JSON");
        }
    }
}
