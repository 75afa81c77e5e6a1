package dev.parley.link;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Decides which stream of a connection sends next. The streams that have something to send take turns, one message
 * each, as long as the peer takes the bytes. Runs on the loop's thread.
 */
public final class StreamScheduler {
    private final MessageOutput output;
    private final Consumer<StreamSender> whenEnded;
    private final ArrayDeque<StreamSender> ready = new ArrayDeque<>();

    /**
     * Makes the scheduler of one connection.
     *
     * @param whenEnded called for each stream whose last message was sent
     */
    public StreamScheduler(MessageOutput output, Consumer<StreamSender> whenEnded) {
        this.output = output;
        this.whenEnded = whenEnded;
    }

    /** Adds a stream that waits for its turn. */
    public void add(StreamSender sender) {
        ready.add(sender);
    }

    /**
     * Puts the messages that may be sent now into the output. The other messages wait until the peer has taken some
     * bytes.
     */
    public void run() {
        while (!ready.isEmpty() && !output.isHeldBack()) {
            StreamSender first = ready.remove();
            OutboundMessage piece = first.next();
            if (piece != null) {
                output.put(piece.message(), first.id());
                if (piece.file() != null) {
                    output.put(piece.file());
                }
            }
            if (first.hasNext()) {
                ready.add(first);
            } else {
                first.outOfTurn();
                if (piece != null && first.hasEnded()) {
                    whenEnded.accept(first);
                }
            }
        }
    }

    /** Forgets the streams. Called when the connection is gone. */
    public void clear() {
        ready.clear();
    }
}
