package dev.parley;

import java.io.IOException;

/**
 * A stream in both directions, as its client sees it: it sends and receives in any order, from one thread or two. The
 * server ends the stream; {@link #end} says that we send nothing more, and {@link #close} that we want nothing more.
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
     * Sends a value, as {@link OutStream#send} does.
     *
     * @param value a value that can be written as JSON, or a {@link Message}
     * @throws IOException as {@link OutStream#send} says
     */
    void send(Q value) throws IOException;

    /** {@return our direction as a stream of its own} */
    OutStream<Q> out();

    /**
     * Ends our direction: the server reads the end after the values that were sent. Does not wait. A second call has no
     * effect.
     */
    void end();
}
