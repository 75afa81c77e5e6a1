package dev.parley.server;

import dev.parley.ExchangeEndedException;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/** One stream of a connection: its two directions, and the task of its handler. Runs on the loop's thread. */
final class ServerStream {
    private final StreamReceiver in;
    private final StreamSender out;
    private final HandlerTask task;
    private boolean clientEnded;
    private @Nullable Timer timer;

    ServerStream(StreamReceiver in, StreamSender out, HandlerTask task) {
        this.in = in;
        this.out = out;
        this.task = task;
    }

    long id() {
        return out.id();
    }

    StreamReceiver in() {
        return in;
    }

    StreamSender out() {
        return out;
    }

    HandlerTask task() {
        return task;
    }

    boolean hasClientEnded() {
        return clientEnded;
    }

    void clientEnded() {
        clientEnded = true;
    }

    /** Sets the timer that ends the stream, and cancels the previous timer. Null only cancels the previous timer. */
    void timer(@Nullable Timer next) {
        if (timer != null) {
            timer.cancel();
        }
        timer = next;
    }

    /** Gives up the stream, and notifies its handler. Called when no one waits for the rest of the stream. */
    void giveUp(String why) {
        var ended = new ExchangeEndedException(why);
        in.discard(ended);
        out.stop(ended);
        task.giveUp(); // last, so that a handler that waits in "in" or "out" gets the reason before the interrupt
    }
}
