package dev.parley.net;

import java.util.List;

/** Who holds a thread, from its stack: the application's frame that is nearest to the top, and what it waits in. */
final class BlockedStack {
    /** What stands between a loop and the code of an application, and what such code calls. */
    private static final List<String> NOT_THE_APPLICATION = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "tools.jackson.",
            "dev.parley.net.",
            "dev.parley.frame.",
            "dev.parley.link.",
            "dev.parley.server.",
            "dev.parley.client.",
            "dev.parley.Server",
            "dev.parley.Client",
            "dev.parley.Message",
            "dev.parley.Misfit",
            "dev.parley.RequiredComponents");

    private BlockedStack() {}

    /** Such as {@code by app.Prices.look(Prices.java:33), which waits in java.lang.Thread.sleep}; the
     * stack is not empty. */
    static String where(boolean waits, StackTraceElement[] stack) {
        int own = 0;
        while (own < stack.length && !isOfTheApplication(stack[own])) {
            own++;
        }
        if (own == stack.length) {
            return "in " + method(stack[0]);
        }
        String called = own == 0 ? "" : (waits ? ", which waits in " : ", which runs ") + method(stack[own - 1]);
        return "by " + shown(stack[own]) + called;
    }

    private static String method(StackTraceElement frame) {
        return frame.getClassName() + "." + frame.getMethodName();
    }

    private static boolean isOfTheApplication(StackTraceElement frame) {
        return NOT_THE_APPLICATION.stream().noneMatch(frame.getClassName()::startsWith);
    }

    private static String shown(StackTraceElement frame) {
        return method(frame) + "(" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
    }
}
