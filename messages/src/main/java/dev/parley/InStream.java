package dev.parley;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * What comes from the other side of a stream, one value after another. What waits here unread is bounded by bytes: a
 * reader that is slow holds back its own sender, and nobody else. For one thread at a time, which may block; not for a
 * loop's.
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
     * @throws CallException in a client, when the call was refused, timed out, or its connection was lost
     * @throws ExchangeEndedException in a handler, when nobody waits for its answer any more
     * @throws java.io.InterruptedIOException when the thread was interrupted; its flag stays set
     * @throws ContentException when what came does not fit its type
     * @throws IllegalStateException on the thread of a loop
     * @throws IOException no other than these
     */
    @Nullable
    T receive() throws IOException;

    /**
     * {@return the values in turn; it ends with the stream} What {@link #receive} would throw is the cause of an {@link
     * UncheckedIOException}.
     */
    @Override
    default Iterator<T> iterator() {
        return new StreamIterator<>(this);
    }

    /**
     * {@return the contents of all that comes, one after another, as bytes} It takes no more than it is asked for, so
     * content of any size goes through little memory. Its {@code close} is that of this stream.
     */
    InputStream bytes();

    /** Gives up what has not come yet: a client tells the server, so that its handler ends. Twice is harmless. */
    @Override
    void close();
}
