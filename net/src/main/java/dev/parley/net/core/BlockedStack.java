package dev.parley.net.core;

import java.util.List;
import java.util.Optional;

/**
 * Finds the code that holds a thread, from its stack: the application's frame nearest to the top, and what it waits in.
 */
final class BlockedStack {
    /** The code between a loop and an application's code, and the code that an application calls. */
    private static final List<String> NOT_THE_APPLICATION = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "tools.jackson.",
            "com.fasterxml.jackson.",
            "dev.parley.net.",
            "dev.parley.uring.",
            "dev.parley.frame.",
            "dev.parley.link.",
            "dev.parley.server.",
            "dev.parley.client.",
            "dev.parley.cli.");

    private static final String PARLEY = "dev.parley.";

    /** The JVM's own code that runs once, or for the JVM itself, because some caller needs it first. */
    private static final List<String> THE_JVM =
            List.of("jdk.internal.loader.", "java.lang.ClassLoader", "java.nio.Bits", "java.lang.ref.Reference");

    private BlockedStack() {}

    /**
     * Returns a text such as {@code by app.Prices.look(Prices.java:33), which waits in java.lang.Thread.sleep}; empty
     * if the application does not hold the thread: the stack has no frame of it, or the JVM loads a class or waits for
     * memory.
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
        boolean isOfTheTopPackage = name.startsWith(PARLEY) && name.indexOf('.', PARLEY.length()) < 0;
        return !isOfTheTopPackage && NOT_THE_APPLICATION.stream().noneMatch(name::startsWith);
    }

    private static String shown(StackTraceElement frame) {
        return method(frame) + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
    }
}
