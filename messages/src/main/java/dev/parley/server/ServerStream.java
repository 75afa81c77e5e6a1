package dev.parley.server;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
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

    /** Records the last message for the report of the stream. */
    void answered(Message last) {
        RequestReport report = task.report();
        if (report != null) {
            report.answered(last);
        }
    }

    /** Reports that the stream is over. Calling it twice is harmless. */
    void notifyEnded() {
        RequestReport report = task.report();
        if (report != null) {
            report.ofStream(in.receivedBytes(), out.sentBytes());
        }
    }

    /** Reports that the connection has ended. If the last message was not sent by then, it is lost. */
    void connectionEnded() {
        RequestReport report = task.report();
        if (report != null && !out.hasSentLast()) {
            report.isLost();
        }
        giveUp("the connection has ended");
    }

    /** Gives up the stream, and notifies its handler. Called when no one waits for the rest of the stream. */
    void giveUp(String why) {
        var ended = new ExchangeEndedException(why);
        in.discard(ended);
        out.stop(ended);
        notifyEnded();
        task.giveUp(); // last, so that a handler that waits in "in" or "out" gets the reason before the interrupt
    }
}
