package dev.parley;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An iterator over the values of a stream. It wraps an {@link IOException} in an unchecked exception, since the methods
 * of an iterator cannot throw checked exceptions.
 */
final class StreamIterator<T> implements Iterator<T> {
    private final InStream<T> stream;
    private @Nullable T next;
    private boolean ended;

    StreamIterator(InStream<T> stream) {
        this.stream = stream;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            try {
                next = stream.receive();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public T next() {
        T value = hasNext() ? next : null;
        if (value == null) {
            throw new NoSuchElementException("the stream has ended");
        }
        next = null;
        return value;
    }
}
