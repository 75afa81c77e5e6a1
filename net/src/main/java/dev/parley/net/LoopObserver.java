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
 * LoopObserver tellEnds = new LoopObserver() {
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
 * EventLoop loop = EventLoop.builder().observer(tellEnds).start();
 * }
 *
 * <p>The order of calls for a listening address is: {@code bound}, {@code listening}, any number of {@code accepted}
 * and {@code acceptFailed}, {@code stoppedListening}. For a connection it is: {@code accepted}, or {@code connecting}
 * (once for each IP address that is tried, when its attempt starts) and {@code connected}; then {@code received},
 * {@code sent}, {@code peerEnded} and {@code outputEnded} in the order of their bytes; at the end exactly one {@code
 * closed}, after which no call follows for it.
 *
 * <p>The attempts of one connect may overlap (RFC 8305): {@code connectAttemptFailed} comes somewhere between {@code
 * connecting} for the same endpoint and {@code connected}, or {@code closed} if none succeeds. The attempts that are
 * still under way then are dropped, and no call follows for them.
 *
 * <p>Methods are called on the loop's thread, except {@code bound} and {@code listening} (the caller of {@code
 * listen}), {@code sent} of a blocking {@link Connection} (the thread that writes) and some calls of {@code warned}. An
 * observer of several loops is called by several threads at once. Methods return quickly and throw nothing; if one
 * throws all the same, that is logged and has no other effect. Each does nothing by default.
 */
public interface LoopObserver {
    /**
     * {@return an observer that notifies this one, and logs what it throws} A loop guards its own observer in this
     * way; this method is for code that notifies an observer itself.
     *
     * @param observer whose methods may throw
     */
    static LoopObserver guarded(LoopObserver observer) {
        return new GuardedObserver(observer);
    }

    /**
     * {@return an observer that passes warnings and failures to the system's logger named {@code dev.parley}} It also
     * logs the lines of {@link #lines} at the level {@code DEBUG}: those of connections with the logger {@code
     * dev.parley.connections}, requests with their responses with {@code dev.parley.messages}. If that level is off, no
     * line is made.
     */
    static LoopObserver logging() {
        return LoggingObserver.INSTANCE;
    }

    /**
     * {@return an observer that writes what happens to connections and their messages as lines of text} Each line says
     * which connection, with which peer, and what happened: it was accepted, connected, or closed, and why; or a
     * request and its response, with sizes, status and time. Warnings and failures are not among them.
     *
     * @param lines gets one line at a time, without its line end; the parts that a peer has chosen are escaped. It is
     *     called on the same threads as an observer
     */
    static LoopObserver lines(Consumer<String> lines) {
        return new TextObserver(lines);
    }

    /**
     * {@return whether {@code received} and {@code sent} are to be called for each piece of traffic; called once, when
     * the loop is made} True by default.
     */
    default boolean seesTraffic() {
        return true;
    }

    /**
     * A socket was bound to this address (bind(2)).
     *
     * @param address an IP address with its real port, a path, or a name
     * @param options of this socket
     */
    default void bound(Address address, SocketOptions options) {}

    /**
     * The bound socket listens (listen(2)).
     *
     * @param address the same as in {@link #bound}
     * @param options of this socket
     */
    default void listening(Address address, SocketOptions options) {}

    /**
     * The listening socket was closed.
     *
     * @param address the same as in {@link #bound}
     */
    default void stoppedListening(Address address) {}

    /**
     * A peer connected to the listening address (accept(2)).
     *
     * @param listening the same as in {@link #bound}
     * @param connection its peer is known
     */
    default void accepted(Address listening, ConnectionInfo connection) {}

    /**
     * Accepting failed and pauses; new connections wait in the backlog. Accepting is tried again when a connection of
     * the loop closes, or after half a second.
     *
     * @param listening the same as in {@link #bound}
     * @param cause what the system said
     */
    default void acceptFailed(Address listening, IOException cause) {}

    /**
     * A connect to this endpoint starts (connect(2)); those to earlier endpoints of the name may still be under way.
     *
     * @param connection the same for all endpoints of one name
     * @param endpoint the resolved address
     */
    default void connecting(ConnectionInfo connection, SocketAddress endpoint) {}

    /**
     * The connect to this endpoint failed; the next one, if there is any, follows at once.
     *
     * @param connection the same for all endpoints of one name
     * @param endpoint the same as in {@link #connecting}
     * @param cause what the system said
     */
    default void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {}

    /**
     * The connection is established; every other attempt of it has been dropped.
     *
     * @param connection both of its ends are known: the peer's is the endpoint that succeeded
     */
    default void connected(ConnectionInfo connection) {}

    /**
     * Bytes arrived.
     *
     * @param connection whose peer sent them
     * @param bytes read-only, valid during the call
     */
    default void received(ConnectionInfo connection, ByteBuffer bytes) {}

    /**
     * The system took these bytes; the peer may not have them yet.
     *
     * @param connection whose peer they go to
     * @param bytes read-only, valid during the call
     */
    default void sent(ConnectionInfo connection, ByteBuffer bytes) {}

    /**
     * The peer ended its direction: its FIN has come (RFC 9293, section 3.6).
     *
     * @param connection may still send
     */
    default void peerEnded(ConnectionInfo connection) {}

    /**
     * We ended our direction: our FIN is on its way.
     *
     * @param connection may still receive
     */
    default void outputEnded(ConnectionInfo connection) {}

    /**
     * The connection is closed; called before the receiver's own {@code closed}.
     *
     * @param connection keeps its addresses
     * @param reason why
     * @param cause what the system or a callback threw; null if neither did
     */
    default void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {}

    /**
     * {@return whether {@code traced} is to be called for a connection; called once for each, when it is open} False by
     * default.
     */
    default boolean tracesMessages() {
        return false;
    }

    /**
     * The layer of messages reports what passed: a request with its response, how long that took, and whether it was an
     * error; or what kept a request from its response. Called only if {@link #tracesMessages} returned true.
     *
     * @param connection that the messages came and went on
     * @param line without its line end; the parts that a peer has chosen are escaped
     */
    default void traced(ConnectionInfo connection, String line) {}

    /**
     * Something happened that the operator should know. If your code holds a loop, a thread that watches the loop
     * reports it, since the loop cannot.
     *
     * @param message one line; the parts that a peer has chosen, such as the path of its Unix socket, are escaped
     */
    default void warned(String message) {}

    /**
     * A loop moves bytes over another transport than the preferred one, since the system refuses that one. Called once
     * for a loop, when it first listens or connects; never if a transport was named.
     *
     * @param message one line: which transport is used, why, and what would help
     * @param listening whether the loop listens, so that this is for the operator of a server
     */
    default void servesInstead(String message, boolean listening) {}

    /**
     * Our own code, or the user's, threw where it should not have.
     *
     * @param where the place, in words: one line, escaped as in {@link #warned}
     * @param cause what was thrown, as it is: the text of a handler's exception may hold whatever a peer has sent, line
     *     feeds included, and must be escaped if that matters
     */
    default void failed(String where, Throwable cause) {}
}
