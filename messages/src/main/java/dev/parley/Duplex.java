package dev.parley;

import java.io.IOException;

/**
 * A stream in both directions, as its client sees it. The client sends and receives in any order, on one thread or on
 * two. The server ends the stream. With {@link #end} the client says that it sends nothing more, and with {@link
 * #close} that it wants to receive nothing more.
 *
 * {@snippet :
 * record Line(String text) {}
 * Action<Line, Line> chat = Action.of("chat", Line.class, Line.class);
 * try (Duplex<Line, Line> talk = client.duplex(chat)) {
 *     talk.send(new Line("Hello"));
 *     Line answer = talk.receive(); // null at the end
 *     talk.end();
 * }
 * }
 *
 * @param <Q> the type of the values to send
 * @param <A> the type of the values to receive
 */
public interface Duplex<Q, A> extends InStream<A> {
    /**
     * Sends a value; see {@link OutStream#send}.
     *
     * @param value a value that the action's codec can write
     * @throws IOException if the value cannot be sent; see {@link OutStream#send}
     */
    void send(Q value) throws IOException;

    /** {@return the client's direction as a stream of its own} */
    OutStream<Q> out();

    /**
     * Ends the client's direction: the server reads the end after the values that were sent. This method does not wait.
     * A second call has no effect.
     */
    void end();
}
