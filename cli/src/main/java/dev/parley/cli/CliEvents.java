package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.Events;
import org.jspecify.annotations.Nullable;

/** What a command tells on standard error while it runs: warnings always, connections with --verbose. */
final class CliEvents implements Events {
    private final Io io;
    private final boolean verbose;

    CliEvents(Io io, boolean verbose) {
        this.io = io;
        this.verbose = verbose;
    }

    @Override
    public boolean seesTraffic() {
        return false;
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        if (verbose) {
            io.errLine("connection " + connection.id() + ": connected by " + connection.peerAddress());
        }
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        if (verbose) {
            String detail = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
            io.errLine("connection " + connection.id() + ": closed (" + reason + detail + ")");
        }
    }

    @Override
    public void warned(String message) {
        io.errLine("parley: " + message);
    }

    @Override
    public void failed(String where, Throwable cause) {
        io.failure(where + ": " + cause, cause, verbose);
    }
}
