package dev.parley.cli.terminal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Ignores SIGINT (Ctrl-C) until it is closed. A terminal sends the signal to all programs in the foreground, so also to
 * a pager, which only stops what it does. If this process ended meanwhile, the shell and the pager would both read the
 * keyboard. The signal is caught and not set to be ignored, since programs that this process starts would inherit that.
 */
final class IgnoredInterrupts implements AutoCloseable {
    private final Method handle;
    private final Object signal;
    private final Object before;

    private IgnoredInterrupts(Method handle, Object signal, Object before) {
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
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signalType.getConstructor(String.class).newInstance("INT");
            Method handle = signalType.getMethod("handle", signalType, handlerType);
            Object before = handle.invoke(null, signal, doingNothing(handlerType));
            return new IgnoredInterrupts(handle, signal, before);
        } catch (ReflectiveOperationException notHere) {
            return null;
        }
    }

    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself
    private static Object doingNothing(Class<?> handlerType) {
        return Proxy.newProxyInstance(
                IgnoredInterrupts.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "equals" -> proxy == args[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        case "toString" -> "ignored while a pager runs";
                        default -> null;
                    };
                });
    }

    /** Handles the signal as before. */
    @Override
    public void close() {
        try {
            handle.invoke(null, signal, before);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("SIGINT can be handled no more", e);
        }
    }
}
