package dev.parley.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hooks that a handler has registered, to run when no one waits for its response any more. Each hook runs once. Any
 * thread may use it.
 */
final class CancelHooks {
    private @Nullable List<Runnable> waiting;
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

    void cancelled(Consumer<Runnable> run) {
        List<Runnable> all;
        synchronized (this) {
            cancelled = true;
            all = waiting;
            waiting = null;
        }
        if (all != null) {
            all.forEach(run);
        }
    }
}
