package dev.parley.net.core;

import java.util.List;
import java.util.Optional;

/**
 * Finds the application code that blocks a thread: the frame of the application that is nearest to the top of the
 * thread's stack, and the method that this frame calls.
 */
final class BlockedStack {
    /** The packages of the JDK and of libraries that an application calls, and that call it. */
    private static final List<String> LIBRARIES =
            List.of("java.", "javax.", "jdk.", "sun.", "com.sun.", "tools.jackson.", "com.fasterxml.jackson.");

    /**
     * The root of Parley's own packages. They are not listed one by one, since this package does not know the layers
     * above it.
     */
    private static final String PARLEY = "dev.parley.";

    /** The packages below the root that are programs which use Parley. */
    private static final List<String> PROGRAMS = List.of(PARLEY + "examples.", PARLEY + "tests.");

    /**
     * Code that the JVM runs once, or for itself, on the thread of the first caller that needs it, such as the loading
     * of a class.
     */
    private static final List<String> THE_JVM =
            List.of("jdk.internal.loader.", "java.lang.ClassLoader", "java.nio.Bits", "java.lang.ref.Reference");

    private BlockedStack() {}

    /**
     * Returns a text such as {@code by app.Prices.look(Prices.java:33), which waits in java.lang.Thread.sleep}; empty
     * if the application does not block the thread, because the stack has no frame of the application, or because the
     * JVM loads a class or waits for memory.
     */
    static Optional<String> where(boolean waits, StackTraceElement[] stack) {
        int own = 0;
        while (own < stack.length && !isOfTheApplication(stack[own])) {
            if (isOfTheJvm(stack[own])) {
                return Optional.empty();
            }
            own++;
        }
        if (own == stack.length) {
            return Optional.empty();
        }
        String called = own == 0 ? "" : (waits ? ", which waits in " : ", which runs ") + method(stack[own - 1]);
        return Optional.of("by " + shown(stack[own]) + called);
    }

    private static boolean isOfTheJvm(StackTraceElement frame) {
        boolean links = frame.getMethodName().equals("linkCallSite");
        boolean begins = frame.getMethodName().equals("<clinit>");
        return links || begins || THE_JVM.stream().anyMatch(frame.getClassName()::startsWith);
    }

    private static String method(StackTraceElement frame) {
        return frame.getClassName() + "." + frame.getMethodName();
    }

    private static boolean isOfTheApplication(StackTraceElement frame) {
        String name = frame.getClassName();
        if (name.startsWith(PARLEY)) {
            return PROGRAMS.stream().anyMatch(name::startsWith);
        }
        return LIBRARIES.stream().noneMatch(name::startsWith);
    }

    private static String shown(StackTraceElement frame) {
        return method(frame) + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
    }
}
