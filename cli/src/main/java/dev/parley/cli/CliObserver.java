package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.SafeText;
import dev.parley.net.time.Ticker;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides which events of a running command are printed on standard error. Warnings and failures are always printed,
 * but without --verbose their number is limited, since a hostile peer can cause many. With --verbose, connections are
 * printed too, and requests with their responses.
 */
final class CliObserver implements LoopObserver {
    private final Io io;
    private final boolean verbose;

    /** The observer that prints the events of --verbose. Without this option, it ignores them. */
    private final LoopObserver details;

    /** The lines that were printed about the transport, since each loop of a command reports the same line. */
    private final Set<String> saidOfTransport = ConcurrentHashMap.newKeySet();

    private final Throttle throttle = new Throttle(Ticker.SYSTEM);

    CliObserver(Io io, boolean verbose) {
        this.io = io;
        this.verbose = verbose;
        this.details = verbose ? LoopObserver.lines(line -> io.errLine("parley: " + line)) : new LoopObserver() {};
    }

    @Override
    public boolean seesTraffic() {
        return false;
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        details.accepted(listening, connection);
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        details.connecting(connection, endpoint);
    }

    @Override
    public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
        details.connectAttemptFailed(connection, endpoint, cause);
    }

    @Override
    public void connected(ConnectionInfo connection) {
        details.connected(connection);
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        details.peerEnded(connection);
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        details.closed(connection, reason, cause);
    }

    @Override
    public boolean tracesMessages() {
        return details.tracesMessages();
    }

    @Override
    public void traced(ConnectionInfo connection, String line) {
        details.traced(connection, line);
    }

    @Override
    public void warned(String message) {
        // a peer may have chosen parts of it, and must not be able to start a new line
        throttled("parley: " + SafeText.line(message));
    }

    @Override
    public void reloaded(String message) {
        throttled("parley: " + SafeText.line(message));
    }

    @Override
    public void refused(Address listening, Address peer, IOException cause) {
        details.refused(listening, peer, cause);
    }

    @Override
    public void servesInstead(String message, boolean listening) {
        if ((listening || verbose) && saidOfTransport.add(message)) {
            io.errLine("parley: " + message);
        }
    }

    @Override
    public void failed(String where, Throwable cause) {
        String line = SafeText.line(where + ": " + cause);
        if (verbose) {
            io.failure(line, cause, true);
        } else {
            throttled("parley: " + line);
        }
    }

    private void throttled(String line) {
        if (verbose || throttle.allows()) {
            long untold = throttle.takeUntold();
            if (untold > 0) {
                io.errLine("parley: " + untold + " more such lines were not printed; --verbose prints all");
            }
            io.errLine(line);
        }
    }
}
