package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ClientClosedException;
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
 * Decides which failure each exchange of a lost connection gets. If a server ends a connection because of an error in
 * one message, only the exchange of this message gets the error. The server has answered all requests before the
 * message, and reads none after it (docs/protocol.md, section 6). So the first exchange without a response gets the
 * error, and the exchanges after it were not processed. Each exchange gets an exception object of its own.
 */
final class ConnectionLoss {
    /** The errors that end a connection, but are not about one of its messages. */
    private static final Set<String> OF_ALL = Set.of(
            ErrorCode.BUSY.wire(),
            ErrorCode.GOING_AWAY.wire(),
            ErrorCode.UNAVAILABLE.wire(),
            ErrorCode.UNAUTHORIZED.wire(),
            ErrorCode.TOO_MANY_ERRORS.wire());

    private final Address server;
    private final Throwable failure;
    private final List<Call> calls;
    private final List<StreamCall> streams;
    private final @Nullable RefusedException blaming;
    private final @Nullable ClientExchange blamed;

    /**
     * Records the loss of a connection.
     *
     * @param calls the calls without a response, in the order in which they were sent
     * @param streams the open streams
     */
    ConnectionLoss(Address server, Throwable failure, List<Call> calls, List<StreamCall> streams) {
        this.server = server;
        this.failure = failure;
        this.calls = calls;
        this.streams = streams;
        this.blaming = failure instanceof RefusedException refused && !OF_ALL.contains(refused.code()) ? refused : null;
        this.blamed = !calls.isEmpty() ? calls.getFirst() : streams.size() == 1 ? streams.getFirst() : null;
    }

    /** Returns true if the error is about the server itself, and not about a message. */
    static boolean isOfServer(RefusedException refused) {
        return OF_ALL.contains(refused.code()) && !refused.code().equals(ErrorCode.TOO_MANY_ERRORS.wire());
    }

    /** Returns the failure of an exchange that was not sent before its client was closed. */
    static ClientClosedException byClose(Address address) {
        return byClose(address, Outcome.NOT_PROCESSED);
    }

    /** Returns the failure of an exchange that ends because its client is closed. */
    static ClientClosedException byClose(Address address, Outcome outcome) {
        return new ClientClosedException("no answer from " + address + ": the client is closed", outcome);
    }

    /** Returns the failure of an exchange that waits for a server which goes away as soon as it has been connected. */
    static ConnectionLostException byGoingAway(Address address) {
        return new ConnectionLostException(
                "no answer from " + address + ": the server is going away",
                CloseReason.PEER,
                Outcome.NOT_PROCESSED,
                null);
    }

    /** Fails the exchanges of the connection. */
    void failAll() {
        calls.forEach(call -> call.fail(of(call)));
        streams.forEach(stream -> stream.fail(of(stream)));
    }

    private Throwable of(ClientExchange exchange) {
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
