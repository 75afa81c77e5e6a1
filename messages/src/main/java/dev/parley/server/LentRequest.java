package dev.parley.server;

import dev.parley.JsonLimits;
import dev.parley.Message;
import dev.parley.frame.Frame;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link Message} of the frame that was lent last. The next lent frame is nearly always the same object, so
 * its message need not be created again. The connections of one server on a loop share this object. Runs on the loop's
 * thread.
 */
final class LentRequest {
    private final JsonLimits json;
    private @Nullable Message last;

    LentRequest(JsonLimits json) {
        this.json = json;
    }

    /** Returns the message of a frame that was read. */
    @SuppressWarnings("ReferenceEquality") // compares whether it is the same object, which was lent again
    Message of(Frame frame) {
        Message before = last;
        if (before != null && before.frame() == frame) {
            return before;
        }
        Message request = Message.of(frame, json);
        if (frame.isLent()) {
            last = request; // a frame that is not lent is never read into again
        }
        return request;
    }
}
