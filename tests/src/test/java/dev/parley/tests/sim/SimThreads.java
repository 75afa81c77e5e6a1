package dev.parley.tests.sim;

import dev.parley.net.EventLoop;
import java.lang.reflect.Constructor;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Virtual threads that run on the thread of a loop: one at a time, in the order in which they were started and woken.
 * So what blocks can be part of a simulation that its seed repeats. A thread of a loop that is closed never runs on.
 *
 * <p>The JDK has such threads for its own tests, and hides them: {@code --add-opens java.base/java.lang=ALL-UNNAMED}.
 */
final class SimThreads {
    private static final Constructor<?> BUILDER = builder();

    private SimThreads() {}

    private static Constructor<?> builder() {
        try {
            Constructor<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                    .getDeclaredConstructor(Executor.class);
            builder.setAccessible(true);
            return builder;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK runs no virtual threads on an executor of ours", e);
        }
    }

    /** Makes threads that run on this loop. */
    static ThreadFactory on(EventLoop loop) {
        Executor loopAlone = loop::tryExecute;
        try {
            return ((Thread.Builder.OfVirtual) BUILDER.newInstance(loopAlone)).factory();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
