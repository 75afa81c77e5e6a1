package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import org.jspecify.annotations.Nullable;

/** The work of a handler on a stream, on a virtual thread of its own. */
@FunctionalInterface
public interface StreamWork {
    /**
     * Handles a stream. Returns the last message of the response, or null if the stream ends without a last message.
     */
    @Nullable
    Message handle(StreamReceiver in, StreamSender out, Exchange exchange) throws Exception;
}
