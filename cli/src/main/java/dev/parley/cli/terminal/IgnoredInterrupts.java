package dev.parley.cli.terminal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ignores SIGINT (Ctrl-C) until it is closed. A terminal sends the signal to all programs in the foreground, so also to
 * a pager, which only stops what it does. If this process ended meanwhile, the shell and the pager would both read the
 * keyboard. The signal is caught and not set to be ignored, since programs that this process starts would inherit that.
 */
final class IgnoredInterrupts implements AutoCloseable {
    /**
     * A signal with a higher number than SIGINT, whose default action is to do nothing. The JVM passes signals on in
     * the order of their numbers, so once this one was passed on, each earlier SIGINT was too.
     */
    private static final String LATER_SIGNAL = "URG";

    private static final long PASSED_ON_MILLIS_MAX = 1_000;

    private final Class<?> handlerType;
    private final Method handle;
    private final Object signal;
    private final Object before;

    private IgnoredInterrupts(Class<?> handlerType, Method handle, Object signal, Object before) {
        this.handlerType = handlerType;
        this.handle = handle;
        this.signal = signal;
        this.before = before;
    }

    /**
     * Begins to ignore the signal. Returns null if the JVM has no {@code sun.misc.Signal} (a run-time image without
     * {@code jdk.unsupported}), or was started with {@code -Xrs}. Uses reflection: the class is not part of Java, and
     * the compiler's warning about it cannot be turned off.
     */
    static @Nullable IgnoredInterrupts beginOrNull() {
        return beginOrNull("INT");
    }

    /** Does the same for another signal, whose number is lower than that of SIGURG. */
    static @Nullable IgnoredInterrupts beginOrNull(String signalName) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signal(signalType, signalName);
            Method handle = signalType.getMethod("handle", signalType, handlerType);
            Object before = handle.invoke(null, signal, calling(handlerType, () -> {}));
            return new IgnoredInterrupts(handlerType, handle, signal, before);
        } catch (ReflectiveOperationException notHere) {
            return null;
        }
    }

    private static Object signal(Class<?> signalType, String name) throws ReflectiveOperationException {
        return signalType.getConstructor(String.class).newInstance(name);
    }

    /** Returns a handler that calls this for each signal. */
    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself
    private static Object calling(Class<?> handlerType, Runnable whenSignalled) {
        return Proxy.newProxyInstance(
                IgnoredInterrupts.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "equals" -> proxy == args[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        case "toString" -> "a handler while a pager runs";
                        default -> {
                            whenSignalled.run();
                            yield null;
                        }
                    };
                });
    }

    /**
     * Handles the signal as before. A SIGINT that the terminal has sent already is still ignored: on a busy machine,
     * the pager may have got it, and have ended, before the JVM passes it on here.
     */
    @Override
    public void close() {
        awaitPassedOn();
        try {
            handle.invoke(null, signal, before);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("the signal can be handled no more", e);
        }
    }

    /** Waits until the JVM has passed on the signals that it has got. Waits for a moment at most. */
    private void awaitPassedOn() {
        var passedOn = new CountDownLatch(1);
        try {
            Class<?> signalType = signal.getClass();
            Object later = signal(signalType, LATER_SIGNAL);
            Object usual = handle.invoke(null, later, calling(handlerType, passedOn::countDown));
            try {
                signalType.getMethod("raise", signalType).invoke(null, later);
                passedOn.await(PASSED_ON_MILLIS_MAX, TimeUnit.MILLISECONDS);
            } finally {
                handle.invoke(null, later, usual);
            }
        } catch (ReflectiveOperationException notHere) {
            // A system without this signal, such as Windows: an interrupt at this moment may end the process.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
