package dev.parley.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the failure of a write says of the peer. EPIPE comes if the peer had ended before it broke the
 * connection off: what was read up to then is whole, and its end is read like any other. Any other failure may be a
 * reset, which the system has now reported to the write, and will not report to a read.
 */
final class BrokenWrite {
    private static final String IN_ENGLISH = "Broken pipe";

    private BrokenWrite() {}

    /** Returns true if a later read cannot tell an end from a reset any more. */
    static boolean tellsReset(IOException cause) {
        if (cause instanceof ClosedChannelException) {
            return false;
        }
        String said = cause.getMessage();
        return said == null || !said.contains(IN_ENGLISH) && !said.equals(HereSaid.BROKEN_PIPE);
    }

    /** The JDK passes on what the system says, which may be in another language: so this provokes the error once. */
    private static final class HereSaid {
        private static final @Nullable String BROKEN_PIPE = ask();

        private static @Nullable String ask() {
            try {
                Pipe pipe = Pipe.open();
                try (var into = pipe.sink()) {
                    pipe.source().close();
                    into.write(ByteBuffer.wrap(new byte[1]));
                    return null;
                } catch (IOException brokenPipe) {
                    return brokenPipe.getMessage();
                }
            } catch (IOException noDescriptors) {
                return null; // then each failure counts as a reset, and nothing that was cut off passes for whole
            }
        }
    }
}
