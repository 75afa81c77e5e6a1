package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.link.Failures;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives each exchange of a lost connection the reason of the loss: in an object of its own, and never as the error of
 * another request. A server that ends a connection for one message has answered all before it, and reads none behind it
 * (docs/protocol.md, section 6). So the first exchange without a response is the one to blame, and those after it were
 * not processed.
 */
final class ConnectionLoss {
    /** Errors that end a connection and blame none of its messages. */
    private static final Set<String> OF_ALL = Set.of(
            ErrorCode.BUSY.wire(),
            ErrorCode.GOING_AWAY.wire(),
            ErrorCode.UNAVAILABLE.wire(),
            ErrorCode.UNAUTHORIZED.wire(),
            ErrorCode.TOO_MANY_ERRORS.wire());

    private final Address server;
    private final Throwable failure;
    private final @Nullable RefusedException blaming;
    private final @Nullable ClientExchange blamed;

    /**
     * Makes the loss of a connection.
     *
     * @param calls the calls without a response, in the order in which they were sent
     * @param streams the streams that are open
     */
    ConnectionLoss(Address server, Throwable failure, List<Call> calls, List<StreamCall> streams) {
        this.server = server;
        this.failure = failure;
        this.blaming = failure instanceof RefusedException refused && !OF_ALL.contains(refused.code()) ? refused : null;
        this.blamed = !calls.isEmpty() ? calls.getFirst() : streams.size() == 1 ? streams.getFirst() : null;
    }

    /** Returns true if the error is about the server itself, and not about a message. */
    static boolean isOfServer(RefusedException refused) {
        return OF_ALL.contains(refused.code()) && !refused.code().equals(ErrorCode.TOO_MANY_ERRORS.wire());
    }

    /** Returns what ends an exchange that was not sent when its client was closed. */
    static ConnectionLostException byClose(Address address) {
        return new ConnectionLostException(
                "no answer from " + address + ": the client is closed", CloseReason.LOCAL, Outcome.NOT_PROCESSED, null);
    }

    /** Returns what ends this exchange. */
    Throwable of(ClientExchange exchange) {
        RefusedException other = blaming;
        if (other == null || exchange == blamed) {
            return Failures.own(failure);
        }
        boolean isBehind = blamed != null && exchange.id() > blamed.id();
        return new ConnectionLostException(
                "no answer from " + server + ": it ended the connection because of another message on it ("
                        + other.code() + ")",
                CloseReason.PEER,
                isBehind ? Outcome.NOT_PROCESSED : Outcome.UNKNOWN,
                null);
    }
}
