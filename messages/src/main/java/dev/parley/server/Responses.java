package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.Header.Direction;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import org.jspecify.annotations.Nullable;

/**
 * Sends the responses of one connection. A response that cannot be sent, or is larger than this server lets a message
 * be, costs its own request. Runs on the loop's thread.
 */
final class Responses {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final MessageOutput output;
    private final @Nullable MessageLog messageLog;

    Responses(
            LoopConnection connection, ServerSettings settings, MessageOutput output, @Nullable MessageLog messageLog) {
        this.connection = connection;
        this.settings = settings;
        this.output = output;
        this.messageLog = messageLog;
    }

    /**
     * Sends a response. One without further keys leaves as it is, with the id of its request.
     *
     * @param request what it answers, for the log; null if it is a refusal without a handler
     */
    void put(@Nullable Message request, Message response, long id) {
        try {
            boolean isPlain = response.header().others().isEmpty();
            Message going = isPlain ? response : response.going(Direction.RESPONSE, id);
            output.put(going, id, settings.limits().frame());
        } catch (RuntimeException | OutOfMemoryError notSent) {
            if (output.isTorn() || connection.closeReason() != null) {
                throw notSent; // a part of it has left, or the connection is closed
            }
            log(request, notSent, "threw, or answered what cannot be sent");
            output.put(ErrorResponses.of(notSent), id);
        }
    }

    /** Returns the response for what a handler threw, which costs this one request, and logs it. */
    Message failed(Message request, Throwable thrown) {
        if (!ErrorResponses.isAnswer(thrown)) {
            log(request, thrown, "threw");
        } else if (messageLog != null && thrown.getCause() != null) {
            messageLog.refused(request, thrown.getCause());
        }
        return ErrorResponses.of(thrown);
    }

    private void log(@Nullable Message request, Throwable thrown, String did) {
        String action = request == null ? null : Router.actionOf(request);
        String handler = action == null ? "the handler of a request" : "the handler of '" + action + "'";
        String where = handler + " on connection " + connection.id() + " with " + connection.peerAddress() + " " + did;
        settings.failures().failed(connection.loop(), where, thrown);
    }
}
