package dev.parley.server;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hooks that a handler has registered, to run when no one waits for its response any more. Each hook runs once. Any
 * thread may use it.
 */
final class CancelHooks {
    private @Nullable List<Runnable> waiting;

    /** The hooks that end the calls of the handler. They do not block, so they need no thread of their own. */
    private @Nullable Set<Runnable> calls;

    private boolean cancelled;

    void add(Runnable hook, Consumer<Runnable> run) {
        synchronized (this) {
            if (!cancelled) {
                if (waiting == null) {
                    waiting = new ArrayList<>(1);
                }
                waiting.add(hook);
                return;
            }
        }
        run.accept(hook);
    }

    /**
     * Adds a call of the handler.
     *
     * @param giveUp ends the call; run at once if no one waits for the response any more
     * @return removes the call again
     */
    Runnable addCall(Runnable giveUp) {
        synchronized (this) {
            if (!cancelled) {
                if (calls == null) {
                    calls = new LinkedHashSet<>();
                }
                calls.add(giveUp);
                return () -> removeCall(giveUp);
            }
        }
        giveUp.run();
        return () -> {};
    }

    private synchronized void removeCall(Runnable giveUp) {
        if (calls != null) {
            calls.remove(giveUp);
        }
    }

    /**
     * Ends the calls, and runs the hooks.
     *
     * @param run runs a hook
     * @param failed is called with each exception that one of them throws; the others run all the same
     */
    void cancelled(Consumer<Runnable> run, Consumer<Throwable> failed) {
        List<Runnable> all;
        Set<Runnable> toEnd;
        synchronized (this) {
            cancelled = true;
            all = waiting;
            toEnd = calls;
            waiting = null;
            calls = null;
        }
        if (toEnd != null) {
            toEnd.forEach(giveUp -> guarded(giveUp, failed));
        }
        if (all != null) {
            all.forEach(hook -> guarded(() -> run.accept(hook), failed));
        }
    }

    private static void guarded(Runnable task, Consumer<Throwable> failed) {
        try {
            task.run();
        } catch (Throwable thrown) {
            failed.accept(thrown);
        }
    }
}
