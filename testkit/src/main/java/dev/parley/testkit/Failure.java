package dev.parley.testkit;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A failure that an observer was notified of, in a place where the test does not see the exception.
 *
 * @param where the place in words
 * @param cause the exception that was thrown
 */
record Failure(String where, Throwable cause) {
    private static final Pattern NOT_THE_APPLICATION = Pattern.compile("(java|jdk|sun|tools\\.jackson)\\..*"
            + "|dev\\.parley\\.((net|uring|server|client|link|frame|testkit)\\.(\\w+\\.)*)?[A-Z].*");

    /**
     * Returns the failure as one line. If a stack frame is in the application's code, the line contains the first such
     * frame.
     */
    String text() {
        String place = Arrays.stream(cause.getStackTrace())
                .filter(frame ->
                        !NOT_THE_APPLICATION.matcher(frame.getClassName()).matches())
                .findFirst()
                .map(frame -> ", at " + frame)
                .orElse("");
        return where + ": " + said() + place;
    }

    /** Returns the text of the exception, or its class if its {@code toString} throws. */
    private String said() {
        try {
            return cause.toString();
        } catch (Throwable hasNoWords) {
            return cause.getClass().getName();
        }
    }

    /**
     * Returns an error for a test's report. Its stack trace is that of the exception, and not that of the caller of
     * this method.
     */
    AssertionError asError() {
        var error = new AssertionError(text(), cause.getCause());
        error.setStackTrace(cause.getStackTrace());
        return error;
    }
}
