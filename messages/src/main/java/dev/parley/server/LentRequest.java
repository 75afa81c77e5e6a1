package dev.parley.server;

import dev.parley.JsonLimits;
import dev.parley.Message;
import dev.parley.frame.Frame;
import org.jspecify.annotations.Nullable;

/**
 * The request of the frame that was lent last, which is nearly always that of the next one. The connections of one
 * server on a loop share it. Runs on the loop's thread.
 */
final class LentRequest {
    private final JsonLimits json;
    private @Nullable Message last;

    LentRequest(JsonLimits json) {
        this.json = json;
    }

    /** Returns the request of a frame that was read. */
    @SuppressWarnings("ReferenceEquality") // the very frame that was lent before
    Message of(Frame frame) {
        Message before = last;
        if (before != null && before.frame() == frame) {
            return before;
        }
        Message request = Message.of(frame, json);
        if (frame.isLent()) {
            last = request; // any other is its connection's alone
        }
        return request;
    }
}
