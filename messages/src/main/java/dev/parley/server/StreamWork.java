package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import org.jspecify.annotations.Nullable;

/** What a handler does with a stream, on a virtual thread of its own. */
@FunctionalInterface
public interface StreamWork {
    /** Returns the last message; null for an end that says nothing. */
    @Nullable
    Message handle(StreamReceiver in, StreamSender out, Exchange exchange) throws Exception;
}
