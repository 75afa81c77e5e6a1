package dev.parley.link;

import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.Message;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The incoming direction of a stream of values: each message is converted to a value. */
public final class TypedIn<T> implements InStream<T> {
    private final StreamReceiver receiver;
    private final Function<Message, T> type;
    private final Runnable whenClosed;
    private volatile boolean closed;

    /**
     * Makes a stream of values from an incoming direction.
     *
     * @param whenClosed called when the user closes the stream; notifies the other side, if the stream has not ended
     */
    public TypedIn(StreamReceiver receiver, Function<Message, T> type, Runnable whenClosed) {
        this.receiver = receiver;
        this.type = type;
        this.whenClosed = whenClosed;
    }

    @Override
    public @Nullable T receive() throws IOException {
        Message next = received();
        return next == null ? null : type.apply(next);
    }

    /** Takes the next message. After a close, no message is delivered, not even one that had arrived before. */
    private @Nullable Message received() throws IOException {
        Message next = closed ? null : receiver.receive();
        if (closed && (next != null || !receiver.isAtEnd())) {
            throw new ExchangeEndedException("the stream was closed on this side");
        }
        return next;
    }

    @Override
    public InputStream bytes() {
        return new Bytes();
    }

    @Override
    public void close() {
        closed = true;
        whenClosed.run();
    }

    /**
     * Reads the contents as one stream of bytes. It takes a message only when the bytes of the previous message are
     * used up.
     */
    private final class Bytes extends InputStream {
        private byte[] piece = {};
        private int at;

        @Override
        public int read() throws IOException {
            return fill() ? piece[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] to, int start, int length) throws IOException {
            Objects.checkFromIndexSize(start, length, to.length);
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, to, start, count);
            at += count;
            return count;
        }

        @Override
        public int available() {
            return piece.length - at;
        }

        private boolean fill() throws IOException {
            while (at == piece.length) {
                Message next = received();
                if (next == null) {
                    return false;
                }
                piece = next.content();
                at = 0;
            }
            return true;
        }

        @Override
        public void close() {
            TypedIn.this.close();
        }
    }
}
