package dev.parley.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the failure of a write may be a reset by the peer. EPIPE is not a reset: the system reports it if the
 * peer ended its stream before it broke the connection off, so the bytes that were read are complete, and a read still
 * finds the end of the stream. Any other failure may be a reset. The system reports a reset only once, and has now
 * reported it to the write, so no read will get it.
 */
final class BrokenWrite {
    private static final String IN_ENGLISH = "Broken pipe";

    private BrokenWrite() {}

    /**
     * Returns true if this failure of a write may be a reset. If a later read then finds the end of the stream, the
     * peer may have reset the connection instead of ending the stream.
     */
    static boolean tellsReset(IOException cause) {
        if (cause instanceof ClosedChannelException) {
            return false;
        }
        String said = cause.getMessage();
        return said == null || !said.contains(IN_ENGLISH) && !said.equals(HereSaid.BROKEN_PIPE);
    }

    /**
     * The text of EPIPE on this system. The JDK's message is the system's text, which may be in another language, so
     * this class provokes the error once.
     */
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
                // The text stays unknown, so an EPIPE in another language counts as a reset too. This is the safe side:
                // truncated data never passes for complete data.
                return null;
            }
        }
    }
}
