package dev.parley.link;

import dev.parley.ContentException;
import java.io.IOException;
import java.time.DateTimeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.MismatchedInputException;

/**
 * Tells what the application's own code of a type threw while Jackson made a value of it, such as a check in the
 * constructor of a record. Any thread may use it.
 */
public final class FailedCheck {
    private FailedCheck() {}

    /** Returns what the code of the type threw; null if Jackson failed for another reason. */
    public static @Nullable Throwable thrownOrNull(JacksonException e) {
        Throwable cause = e.getCause();
        boolean isOfType = e instanceof DatabindException && !(e instanceof MismatchedInputException);
        boolean isOfJackson = cause instanceof JacksonException || cause instanceof IOException;
        return isOfType && !isOfJackson ? cause : null;
    }

    /** Returns true if a check threw this to say in its message what is wrong with the value. */
    public static boolean isAboutValue(Throwable thrown) {
        return (thrown instanceof IllegalArgumentException || thrown instanceof DateTimeException)
                && thrown.getMessage() != null
                && !thrown.getMessage().isBlank();
    }

    /**
     * Returns what a check of the question's type threw without a word about the value, so that only the server's log
     * can say more. That is probably a mistake of the application. Returns null for any other failure of a handler.
     */
    public static @Nullable Throwable unexplainedOrNull(Throwable failure) {
        if (failure instanceof ContentException content
                && !content.isOfAnswer()
                && content.getCause() instanceof JacksonException e) {
            Throwable thrown = thrownOrNull(e);
            return thrown == null || isAboutValue(thrown) ? null : thrown;
        }
        return null;
    }
}
