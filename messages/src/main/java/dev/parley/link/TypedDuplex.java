package dev.parley.link;

import dev.parley.Duplex;
import dev.parley.OutStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Both directions of a stream, as a stream of values instead of messages. */
public final class TypedDuplex<Q, A> implements Duplex<Q, A> {
    private final TypedIn<A> in;
    private final TypedOut<Q> out;
    private final StreamSender sender;

    /** Makes a stream of these two directions. */
    public TypedDuplex(TypedIn<A> in, TypedOut<Q> out, StreamSender sender) {
        this.in = in;
        this.out = out;
        this.sender = sender;
    }

    @Override
    public void send(Q value) throws IOException {
        out.send(value);
    }

    @Override
    public OutStream<Q> out() {
        return out;
    }

    @Override
    public void end() {
        sender.end(StreamMessages.mark());
    }

    @Override
    public @Nullable A receive() throws IOException {
        return in.receive();
    }

    @Override
    public InputStream bytes() {
        return in.bytes();
    }

    @Override
    public void close() {
        in.close();
    }
}
