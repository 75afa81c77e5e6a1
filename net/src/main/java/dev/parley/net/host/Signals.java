package dev.parley.net.host;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets a second SIGTERM or SIGINT (Ctrl-C) end the process at once. By default, the first signal ends a Java process in
 * order: its shutdown hooks run, and the JVM ignores further signals until they have ended. A second signal means that
 * the user does not want to wait for the hooks.
 */
public final class Signals {
    private static final List<String> ENDING = List.of("TERM", "INT");
    private static final int STATUS_OF_SIGNAL = 128;

    private static final AtomicBoolean INSTALLED = new AtomicBoolean();
    private static final AtomicInteger COME = new AtomicInteger();

    private Signals() {}

    /**
     * Makes the second SIGTERM or SIGINT end the process at once, with the status 143 or 130. The first one still ends
     * the process in order. If the process was started so that it ignores a signal, the signal is still ignored. This
     * method does nothing if the JVM has no {@code sun.misc.Signal} (a run-time image without {@code jdk.unsupported}),
     * or was started with {@code -Xrs}. Any thread may call it; calling it more than once is harmless.
     */
    public static void endAtOnceOnTheSecond() {
        if (!INSTALLED.compareAndSet(false, true)) {
            return;
        }
        for (String name : ENDING) {
            try {
                handle(name);
            } catch (ReflectiveOperationException | IllegalArgumentException notHere) {
                return; // then the JVM handles signals as usual
            }
        }
    }

    /** Uses reflection: the class is not part of Java, and the compiler's warning about it cannot be turned off. */
    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself
    private static void handle(String name) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        int number = (int) signalType.getMethod("getNumber").invoke(signal);
        Object handler = Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "handle" -> {
                            come(STATUS_OF_SIGNAL + number);
                            yield null;
                        }
                        case "equals" -> proxy == args[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "handler of SIG" + name;
                    };
                });
        Method handle = signalType.getMethod("handle", signalType, handlerType);
        try {
            Object before = handle.invoke(null, signal, handler);
            if (handlerType.getField("SIG_IGN").get(null).equals(before)) {
                handle.invoke(null, signal, before);
            }
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(e.getCause());
        }
    }

    /**
     * Handles a signal. Runs on the JVM's thread that reports signals, which must be free for the second signal, so the
     * exit runs on another thread.
     */
    private static void come(int status) {
        if (COME.incrementAndGet() == 1) {
            new Thread(() -> System.exit(status), "parley-signal").start();
        } else {
            Runtime.getRuntime().halt(status);
        }
    }
}
