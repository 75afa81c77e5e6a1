package dev.parley.net;

import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A loop observer is notified of everything that happens to the connections of a loop. Logs, metrics and {@code parley
 * tour} are observers. A loop has exactly one.
 *
 * {@snippet :
 * LoopObserver notifyEnds = new LoopObserver() {
 *     @Override
 *     public void closed(ConnectionInfo connection, CloseReason reason, Throwable cause) {
 *         System.out.println("connection " + connection.id() + " closed: " + reason);
 *     }
 *
 *     @Override
 *     public boolean seesTraffic() {
 *         return false; // then received and sent cost nothing
 *     }
 * };
 * EventLoop loop = EventLoop.builder().observer(notifyEnds).start();
 * }
 *
 * <p>The order of calls for a listening address is: {@code bound}, {@code listening}, any number of {@code accepted},
 * {@code refused} and {@code acceptFailed}, {@code stoppedListening}. For a connection it is: {@code accepted},
 * or {@code connecting} (once for each IP address that is tried, when its attempt starts) and {@code connected}; then
 * {@code received}, {@code sent}, {@code peerEnded} and {@code outputEnded} in the order of their bytes; at the end
 * exactly one {@code closed}, after which no call follows for that connection.
 *
 * <p>The attempts of one connect may overlap (RFC 8305): {@code connectAttemptFailed} is called after {@code
 * connecting} for the same endpoint, and before {@code connected}, or before {@code closed} if no attempt succeeds. The
 * attempts that are still under way at {@code connected} or {@code closed} are dropped, and no call follows for them.
 *
 * <p>The methods are called on the loop's thread, with these exceptions: {@code bound} and {@code listening} are called
 * on the thread that calls {@code listen}, {@code stoppedListening} on the thread of the last loop that accepted at the
 * address, or of a caller of {@code listen} that came too late, {@code sent} of a blocking {@link Connection} on the
 * thread that writes, {@code warned} sometimes and {@code reloaded} always on another thread. An observer of several
 * loops is called by several threads at the same time. The methods must return quickly, and should throw nothing; if
 * one throws, the exception is logged and has no other effect. By default, each method does nothing.
 */
public interface LoopObserver {
    /**
     * {@return an observer that notifies this one, and logs the exceptions that it throws} A loop guards its own
     * observer in this way; this method is for code that notifies an observer itself.
     *
     * @param observer the observer, whose methods may throw
     */
    static LoopObserver guarded(LoopObserver observer) {
        return new GuardedObserver(observer);
    }

    /**
     * {@return an observer that passes warnings and failures to the system's logger named {@code dev.parley}} It also
     * logs the lines of {@link #lines} at the level {@code DEBUG}: the lines about connections go to the logger {@code
     * dev.parley.connections}, and the lines about requests and their responses to {@code dev.parley.messages}. If that
     * level is off, the lines are not even composed.
     */
    static LoopObserver logging() {
        return LoggingObserver.INSTANCE;
    }

    /**
     * {@return an observer that writes the events of connections and their messages as lines of text} A line about a
     * connection names the connection and the peer, and says that it was accepted, refused, connected, or closed, and
     * why. A line about messages describes a request and its response, with sizes, status and time. Warnings and
     * failures are not written.
     *
     * @param lines gets one line at a time, without a line end; the parts that a peer has chosen are escaped. It is
     *     called on the same threads as an observer
     */
    static LoopObserver lines(Consumer<String> lines) {
        return new TextObserver(lines);
    }

    /**
     * {@return whether {@code received} and {@code sent} must be called for all bytes; true by default} Called once,
     * when the loop is created.
     */
    default boolean seesTraffic() {
        return true;
    }

    /**
     * Called when a socket was bound to this address (bind(2)).
     *
     * @param address an IP address with its real port, a path, or a name
     * @param options the options of this socket
     */
    default void bound(Address address, SocketOptions options) {}

    /**
     * Called when the bound socket listens (listen(2)).
     *
     * @param address the same as in {@link #bound}
     * @param options the options of this socket
     */
    default void listening(Address address, SocketOptions options) {}

    /**
     * Called when the listening socket was closed.
     *
     * @param address the same as in {@link #bound}
     */
    default void stoppedListening(Address address) {}

    /**
     * Called when a peer has connected to the listening address (accept(2)).
     *
     * @param listening the same as in {@link #bound}
     * @param connection the new connection, whose peer is known
     */
    default void accepted(Address listening, ConnectionInfo connection) {}

    /**
     * Called when accepting failed. Accepting now pauses, and new connections wait in the backlog. It is tried again
     * when a connection of the loop closes, or after half a second.
     *
     * @param listening the same as in {@link #bound}
     * @param cause the system's error
     */
    default void acceptFailed(Address listening, IOException cause) {}

    /**
     * Called when a peer has connected, but was not let in, so its connection was closed: it has not agreed on TLS with
     * this side, the header of the PROXY protocol was missing or wrong, or its user may not connect to this Unix
     * socket. Not called for a peer that has ended the connection before its first byte.
     *
     * @param listening the same as in {@link #bound}
     * @param peer the address of the peer
     * @param cause what was wrong, most often a {@link dev.parley.net.tls.TlsException} or a {@link
     *     dev.parley.net.transport.RefusedPeerException}
     */
    default void refused(Address listening, Address peer, IOException cause) {}

    /**
     * Called when a connect to this endpoint starts (connect(2)). The connects to earlier endpoints of the name may
     * still be under way.
     *
     * @param connection the same for all endpoints of one name
     * @param endpoint the resolved address
     */
    default void connecting(ConnectionInfo connection, SocketAddress endpoint) {}

    /**
     * Called when the connect to this endpoint has failed. If there is another endpoint, the connect to it starts at
     * once.
     *
     * @param connection the same for all endpoints of one name
     * @param endpoint the same as in {@link #connecting}
     * @param cause the system's error
     */
    default void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {}

    /**
     * Called when the connection is established. All other attempts for this connection have been dropped.
     *
     * @param connection the connection; both of its addresses are known, and the peer's is the endpoint that succeeded
     */
    default void connected(ConnectionInfo connection) {}

    /**
     * Called when bytes have arrived.
     *
     * @param connection the connection whose peer sent the bytes
     * @param bytes the bytes; the buffer is read-only, and valid during the call
     */
    default void received(ConnectionInfo connection, ByteBuffer bytes) {}

    /**
     * Called when the system has taken these bytes; the peer may not have got them yet.
     *
     * @param connection the connection whose peer the bytes go to
     * @param bytes the bytes; the buffer is read-only, and valid during the call
     */
    default void sent(ConnectionInfo connection, ByteBuffer bytes) {}

    /**
     * Called when the peer has ended its direction: its FIN has arrived (RFC 9293, section 3.6).
     *
     * @param connection the connection, on which we may still send
     */
    default void peerEnded(ConnectionInfo connection) {}

    /**
     * Called when we have ended our direction: our FIN is on its way.
     *
     * @param connection the connection, on which we may still receive
     */
    default void outputEnded(ConnectionInfo connection) {}

    /**
     * Called when the connection has closed, before {@code closed} of the receiver is called.
     *
     * @param connection the connection, which keeps its addresses
     * @param reason why the connection closed
     * @param cause the exception of the system or of a callback that closed the connection; null if there was none
     */
    default void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {}

    /**
     * {@return whether {@code traced} must be called for a connection; false by default} Called once for each
     * connection, when it is open.
     */
    default boolean tracesMessages() {
        return false;
    }

    /**
     * Called by the layer of messages with a description of a request and its response: how long the response took, and
     * whether it was an error. If a request got no response, the line says why. Called only if {@link #tracesMessages}
     * returned true.
     *
     * @param connection the connection of the messages
     * @param line the description, without a line end; the parts that a peer has chosen are escaped
     */
    default void traced(ConnectionInfo connection, String line) {}

    /**
     * Called when something has happened that the operator should know. If your code blocks a loop, another thread,
     * which watches the loop, calls this method, because the loop cannot.
     *
     * @param message one line; the parts that a peer has chosen, such as the path of its Unix socket, are escaped
     */
    default void warned(String message) {}

    /**
     * Called when the files of certificates, keys or authorities have changed, and the new ones have come into use; see
     * {@link dev.parley.net.tls.Tls}. If they cannot be used, {@link #warned} is called.
     *
     * @param message one line, which names the new certificates and says when they end; it is escaped as in {@link
     *     #warned}
     */
    default void reloaded(String message) {}

    /**
     * Called if a loop moves bytes over another transport than the preferred one, because the preferred one cannot be
     * used. Called once for a loop, when it first listens or connects; never called if the user has chosen a transport
     * by name.
     *
     * @param message one line, which says which transport is used, why, and what would help
     * @param listening true if the loop listens, so that the message is for the operator of a server
     */
    default void servesInstead(String message, boolean listening) {}

    /**
     * Called when our own code, or the user's, threw an exception where it should not have.
     *
     * @param where the place, in words: one line, escaped in the same way as in {@link #warned}
     * @param cause the exception, unchanged; the text of a handler's exception may contain anything that a peer has
     *     sent, including line feeds, so escape it if that matters
     */
    default void failed(String where, Throwable cause) {}
}
