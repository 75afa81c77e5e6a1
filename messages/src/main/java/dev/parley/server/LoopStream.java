package dev.parley.server;

import dev.parley.Message;
import dev.parley.link.ServerExchange;
import dev.parley.net.EventLoop;
import org.jspecify.annotations.Nullable;

/** A stream whose handler runs on the loop and goes on after it has returned. */
public interface LoopStream extends ServerExchange {
    /** Returns the loop. Any thread may call this. */
    EventLoop loop();

    /**
     * Ends our side of the stream. Any thread may call this. Only the first call has an effect.
     *
     * @param last the last message; null if the stream ends without one
     * @param thrown the failure of the handler; null if it has succeeded
     */
    void complete(@Nullable Message last, @Nullable Throwable thrown);

    /**
     * Runs a task when our side of the stream ends, or at once if it has ended. Called on the loop's thread.
     *
     * @param task called once, on the loop's thread, or on any thread if the loop is closed
     */
    void whenCompleted(Runnable task);
}
