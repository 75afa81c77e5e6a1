package dev.parley.net;

import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sees everything that happens to the connections of a loop. Logs, metrics and {@code parley tour} are
 * observers. A loop has one.
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
 * <p>The order for a listening address: {@code bound}, {@code listening}, any number of {@code accepted} and {@code
 * acceptFailed}, {@code stoppedListening}. For a connection: {@code accepted}, or {@code connecting} (once for each IP
 * address that is tried, as their attempts start) and {@code connected}; then {@code received}, {@code sent}, {@code
 * peerEnded} and {@code outputEnded} in the order of their bytes; at the end exactly one {@code closed}, after which
 * nothing more is told of it.
 *
 * <p>The attempts of one connect may overlap (RFC 8305): {@code connectAttemptFailed} comes somewhere between {@code
 * connecting} for the same endpoint and {@code connected}, or {@code closed} where none succeeds. The attempts that are
 * still under way then are dropped, and of them nothing more is told.
 *
 * <p>Called on the loop's thread, except {@code bound} and {@code listening} (the caller of {@code listen}), {@code
 * sent} of a blocking {@link Connection} (the thread that writes) and some of {@code warned}. An observer of several
 * loops is called by several threads at once. Methods return quickly and throw nothing; what one throws all the same is
 * logged and costs nobody anything. Every one does nothing by default.
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
     * {@return an observer that gives warnings and failures to the system's logger named {@code dev.parley}} It also
     * gives the lines of {@link #lines} at the level {@code DEBUG}: those of connections to the logger {@code
     * dev.parley.connections}, requests with their answers to {@code dev.parley.messages}. If that level is off, no
     * line is made.
     */
    static LoopObserver logging() {
        return LoggingObserver.INSTANCE;
    }

    /**
     * {@return an observer that tells connections and their messages as lines of text} Each says which connection, with
     * whom, and what happened: it was accepted, connected, or closed, and why; or a request and its answer, with sizes,
     * status and time. Warnings and failures are not among them.
     *
     * @param lines gets one line at a time, without its end; what a peer has chosen of it is escaped. Called as the
     *     methods of an observer are
     */
    static LoopObserver lines(Consumer<String> lines) {
        return new TextObserver(lines);
    }

    /**
     * {@return whether {@code received} and {@code sent} are to be told, once for each piece of traffic; asked once,
     * when the loop is made} True by default.
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
     * Accepting failed and pauses; newcomers wait in the backlog. It is tried again when a connection of the loop
     * closes, or after half a second.
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
     * The connection stands; every other attempt of it has been dropped.
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
     * The connection is closed; told before the receiver's own {@code closed}.
     *
     * @param connection keeps its addresses
     * @param reason why
     * @param cause what the system or a callback threw; null where nothing did
     */
    default void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {}

    /**
     * {@return whether {@code traced} is to be told for a connection; asked once for each, when it stands} False by
     * default.
     */
    default boolean tracesMessages() {
        return false;
    }

    /**
     * The layer of messages tells what passed: a request with its answer, how long that took, and whether it was an
     * error; or what kept a request from its answer. Told only where {@link #tracesMessages} says so.
     *
     * @param connection that the messages came and went on
     * @param line without its end; what a peer has chosen of it is escaped
     */
    default void traced(ConnectionInfo connection, String line) {}

    /**
     * Something the operator should know. That code of yours holds a loop is told by a thread that watches, since the
     * loop cannot.
     *
     * @param message one line; what a peer chose of it, such as the path of its Unix socket, is escaped
     */
    default void warned(String message) {}

    /**
     * A loop moves bytes over another transport than the one that would be preferred here, since the system refuses
     * that one. Told once for a loop, when it first listens or connects; never where a transport was named.
     *
     * @param message one line: which serves, why, and what would help
     * @param listening whether the loop listens, so that this is for the operator of a server
     */
    default void servesInstead(String message, boolean listening) {}

    /**
     * Our own code, or the user's, threw where it should not have.
     *
     * @param where it was, in words: one line, escaped as in {@link #warned}
     * @param cause what was thrown, as it is: the text of a handler's exception may hold whatever a peer has sent, line
     *     feeds included, and is to be escaped where that matters
     */
    default void failed(String where, Throwable cause) {}
}
