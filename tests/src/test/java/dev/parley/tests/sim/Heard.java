package dev.parley.tests.sim;

import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Remembers what a connection told it; of the simulation alone, so nothing is guarded. */
class Heard implements Receiver {
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    int pieces;
    boolean opened;
    boolean ended;
    boolean drained;

    @Nullable
    LoopConnection connection;

    @Nullable
    CloseReason closed;

    String text() {
        return received.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void opened(LoopConnection with) {
        connection = with;
        opened = true;
    }

    @Override
    public void bytes(LoopConnection from, ByteBuffer bytes) {
        pieces++;
        while (bytes.hasRemaining()) {
            received.write(bytes.get());
        }
    }

    /** Does nothing: a test ends connections itself. */
    @Override
    public void ended(LoopConnection from) {
        ended = true;
    }

    @Override
    public void writable(LoopConnection to) {
        drained = true;
    }

    @Override
    public void closed(LoopConnection of, CloseReason reason) {
        closed = reason;
    }
}
