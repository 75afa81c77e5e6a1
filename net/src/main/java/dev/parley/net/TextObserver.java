package dev.parley.net;

import dev.parley.net.text.SafeText;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes the events of connections as lines of text. If no one reads the lines, they are not composed. */
class TextObserver implements LoopObserver {
    private final Consumer<String> lines;

    /** Creates an observer that passes each line to this consumer, on any thread. */
    TextObserver(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Returns true if someone reads the lines about connections now. If no one does, these lines are not composed. */
    boolean isRead() {
        return true;
    }

    private void print(ConnectionInfo connection, String what) {
        lines.accept("connection " + connection.id() + ": " + what);
    }

    @Override
    public boolean seesTraffic() {
        return false;
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        if (isRead()) {
            print(connection, "accepted from " + connection.peerText());
        }
    }

    @Override
    public void refused(Address listening, Address peer, IOException cause) {
        if (isRead()) {
            String why = SafeText.text(String.valueOf(cause.getMessage()));
            lines.accept("refused a connection at " + listening + " from " + SafeText.line(peer) + ": " + why);
        }
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        if (isRead()) {
            print(connection, "connecting to " + SafeText.line(Address.of(endpoint)));
        }
    }

    @Override
    public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
        if (isRead()) {
            String why = SafeText.text(String.valueOf(cause.getMessage()));
            print(connection, "no connection to " + SafeText.line(Address.of(endpoint)) + ": " + why);
        }
    }

    @Override
    public void connected(ConnectionInfo connection) {
        if (isRead()) {
            String peer = connection.peerText();
            print(connection, "connected to " + peer + " from " + SafeText.line(connection.localAddress()));
        }
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        if (isRead()) {
            print(connection, "the peer has ended its direction");
        }
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        if (isRead()) {
            String peer = connection.peerText();
            String why = connection instanceof CloseText.Told own ? ": " + own.closeText() : "";
            print(connection, "closed (" + reason + ") with " + peer + why);
        }
    }

    @Override
    public boolean tracesMessages() {
        return true;
    }

    @Override
    public void traced(ConnectionInfo connection, String line) {
        print(connection, line);
    }
}
