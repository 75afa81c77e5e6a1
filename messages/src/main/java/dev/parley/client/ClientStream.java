package dev.parley.client;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An open stream of a client, as its user sees it.
 *
 * @param in the direction in which the server sends
 * @param out the direction in which the client sends
 * @param cancel closes the stream; if the server has not ended it, notifies the server; any thread may call it
 * @param ended completes with an empty message when the stream has ended, and fails if the stream fails
 */
public record ClientStream(StreamReceiver in, StreamSender out, Runnable cancel, CompletableFuture<Message> ended) {
    /**
     * Ends the direction in which the client sends, when all values were sent. If this failed, gives the stream up,
     * except if the server has answered already and needs no more.
     */
    public void ended(@Nullable Throwable failure) {
        if (failure == null) {
            out.end(StreamMessages.mark());
        } else if (!(failure instanceof ExchangeEndedException)) {
            cancel.run();
        }
    }
}
