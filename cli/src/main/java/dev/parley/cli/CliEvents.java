package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.Escaped;
import dev.parley.net.Events;
import dev.parley.net.Ticker;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command tells on standard error while it runs: warnings always, though not as many as a hostile peer would
 * like, and connections with --verbose.
 */
final class CliEvents implements Events {
    private final Io io;
    private final boolean verbose;
    private final Throttle throttle = new Throttle(Ticker.SYSTEM);

    CliEvents(Io io, boolean verbose) {
        this.io = io;
        this.verbose = verbose;
    }

    /** A text that nobody reads is not made: the addresses in it would stay with each connection, 120 bytes a pair. */
    private void tellIfVerbose(ConnectionInfo connection, Supplier<String> what) {
        if (verbose) {
            io.errLine("parley: connection " + connection.id() + ": " + what.get());
        }
    }

    @Override
    public boolean seesTraffic() {
        return false;
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        tellIfVerbose(connection, () -> "accepted from " + Escaped.line(connection.peerAddress()));
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        tellIfVerbose(connection, () -> "connecting to " + Address.of(endpoint));
    }

    @Override
    public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
        tellIfVerbose(connection, () -> "no connection to " + Address.of(endpoint) + ": " + cause.getMessage());
    }

    @Override
    public void connected(ConnectionInfo connection) {
        tellIfVerbose(
                connection,
                () -> "connected to " + Escaped.line(connection.peerAddress()) + " from " + connection.localAddress());
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        tellIfVerbose(connection, () -> "the peer has ended its direction");
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        tellIfVerbose(connection, () -> {
            String detail = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
            return "closed (" + reason + detail + ")";
        });
    }

    @Override
    public void warned(String message) {
        throttled("parley: " + message);
    }

    @Override
    public void servesInstead(String message, boolean listening) {
        if (listening || verbose) {
            io.errLine("parley: " + message);
        }
    }

    @Override
    public void failed(String where, Throwable cause) {
        if (verbose) {
            io.failure(where + ": " + cause, cause, true);
        } else {
            throttled("parley: " + where + ": " + cause);
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
