package dev.parley.testkit;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Something that failed where no test could see it.
 *
 * @param where in words
 * @param cause what was thrown
 */
record Failure(String where, Throwable cause) {
    private static final Pattern NOT_THE_APPLICATION = Pattern.compile("(java|jdk|sun|tools\\.jackson)\\..*"
            + "|dev\\.parley\\.((net|uring|server|client|link|frame|testkit)\\.(\\w+\\.)*)?[A-Z].*");

    /** One line, with the place in the application's code where it came from, if there is one. */
    String text() {
        String place = Arrays.stream(cause.getStackTrace())
                .filter(frame ->
                        !NOT_THE_APPLICATION.matcher(frame.getClassName()).matches())
                .findFirst()
                .map(frame -> ", at " + frame)
                .orElse("");
        return where + ": " + said() + place;
    }

    /** What a program throws may throw again when it is asked what it is. */
    private String said() {
        try {
            return cause.toString();
        } catch (Throwable hasNoWords) {
            return cause.getClass().getName();
        }
    }

    /** For a test's report: a report shows the frames of what was thrown, and not those of whoever tells it. */
    AssertionError asError() {
        var error = new AssertionError(text(), cause.getCause());
        error.setStackTrace(cause.getStackTrace());
        return error;
    }
}
