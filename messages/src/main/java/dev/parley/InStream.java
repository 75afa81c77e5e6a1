package dev.parley;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The incoming values of a stream, one after another. The number of unread bytes is bounded, so a slow reader slows
 * down its own sender, and no other. One thread at a time may use it. The thread may be blocked, so it must not be the
 * thread of a loop.
 *
 * {@snippet :
 * record Watch(String symbol) {}
 * record Quote(String symbol, double price) {}
 * Action<Watch, Quote> watch = Action.of("watch", Watch.class, Quote.class);
 * try (InStream<Quote> quotes = client.stream(watch, new Watch("PRLY"))) {
 *     for (Quote quote : quotes) {
 *         System.out.println(quote.price()); // leaving the loop early tells the server to stop
 *     }
 * }
 * }
 *
 * @param <T> a record, or {@link Message} for any content
 */
public interface InStream<T> extends Iterable<T>, AutoCloseable {
    /**
     * Waits for the next value.
     *
     * @return null at the end of the stream
     * @throws CallException in a client, if the call was refused, timed out, or its connection was lost
     * @throws ExchangeEndedException in a handler, if the client no longer waits for its answer; or if this stream was
     *     closed on this side before its end
     * @throws java.io.InterruptedIOException if the thread was interrupted; its flag stays set
     * @throws dev.parley.net.ConnectFailedException in a client, if it could not connect
     * @throws ContentException if a value does not fit its type, or its content cannot be uncompressed
     * @throws IllegalStateException if it is called on the thread of a loop
     * @throws IOException only as one of the exceptions above
     */
    @Nullable
    T receive() throws IOException;

    /**
     * {@return an iterator over the values, which ends with the stream} If {@link #receive} would throw an {@link
     * IOException}, the iterator throws an {@link UncheckedIOException} with it as the cause.
     */
    @Override
    default Iterator<T> iterator() {
        return new StreamIterator<>(this);
    }

    /**
     * {@return the contents of all messages, one after another, as bytes} The returned stream takes messages only when
     * their bytes are needed, so content of any size needs little memory. If the returned stream is closed, this stream
     * is closed too.
     */
    InputStream bytes();

    /**
     * Closes this stream; further values are not received any more. In a client, this notifies the server, so that the
     * server's handler ends. In a handler, this does not end the stream: the handler can still answer. A second call
     * has no effect.
     */
    @Override
    void close();
}
