package dev.parley.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes EPIPE, the error of a write to a pipe whose reader has ended. The JDK has no type for it, only the
 * system's message, which may be in another language.
 */
final class BrokenPipe {
    private static final String IN_ENGLISH = "Broken pipe";

    private BrokenPipe() {}

    /** Returns true if the message of a failed write means that the reader has ended. */
    static boolean isSaidBy(String message) {
        return message.contains(IN_ENGLISH) || message.equals(HereSaid.TEXT);
    }

    /** The message on this system. To find it, this class provokes the error once, when it is first needed. */
    private static final class HereSaid {
        private static final @Nullable String TEXT = ask();

        private static @Nullable String ask() {
            try {
                Pipe pipe = Pipe.open();
                pipe.source().close();
                try (var into = pipe.sink()) {
                    into.write(ByteBuffer.wrap(new byte[1]));
                    return null;
                }
            } catch (IOException brokenPipe) {
                return brokenPipe.getMessage();
            }
        }
    }
}
