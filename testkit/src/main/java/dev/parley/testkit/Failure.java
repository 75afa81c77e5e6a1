package dev.parley.testkit;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A failure in a place where no test could see it.
 *
 * @param where the place in words
 * @param cause the exception that was thrown
 */
record Failure(String where, Throwable cause) {
    private static final Pattern NOT_THE_APPLICATION = Pattern.compile("(java|jdk|sun|tools\\.jackson)\\..*"
            + "|dev\\.parley\\.((net|uring|server|client|link|frame|testkit)\\.(\\w+\\.)*)?[A-Z].*");

    /** Returns one line, with the place in the application's code that threw it, if there is one. */
    String text() {
        String place = Arrays.stream(cause.getStackTrace())
                .filter(frame ->
                        !NOT_THE_APPLICATION.matcher(frame.getClassName()).matches())
                .findFirst()
                .map(frame -> ", at " + frame)
                .orElse("");
        return where + ": " + said() + place;
    }

    /** Returns the text of the exception, whose {@code toString} may itself throw. */
    private String said() {
        try {
            return cause.toString();
        } catch (Throwable hasNoWords) {
            return cause.getClass().getName();
        }
    }

    /**
     * Returns an error for a test's report with the stack frames of the exception, and not those of this method's
     * callers.
     */
    AssertionError asError() {
        var error = new AssertionError(text(), cause.getCause());
        error.setStackTrace(cause.getStackTrace());
        return error;
    }
}
