package dev.parley.client;

import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cancels what is under way on a connection that its client closes. The end of our direction would not, since a server
 * still answers a client that half-closes: a stream on which it has nothing to send would stay open until a ping fails.
 */
final class FinalCancels {
    /** A server takes a client that cancels more than this at once for an abuser. */
    private static final int CANCELS_MAX = 200;

    private FinalCancels() {}

    /** Puts a cancel of each stream, and then of each call, into the output. Called on the loop's thread. */
    static void put(MessageOutput output, @Nullable ClientStreams streams, PendingCalls calls) {
        List<Long> ids = new ArrayList<>(streams == null ? List.of() : streams.ids());
        ids.addAll(calls.ids());
        ids.stream().limit(CANCELS_MAX).forEach(id -> output.put(ControlFrames.of(ControlFrames.CANCEL, id), id));
    }
}
