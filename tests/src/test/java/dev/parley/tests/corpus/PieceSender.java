package dev.parley.tests.corpus;

import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A client that sends a stream in pieces, each in a turn of the loop of its own, and collects what comes back. */
final class PieceSender implements Receiver {
    private final byte[] stream;
    private final int[] cuts;
    private final Consumer<byte[]> whenClosed;
    private final ByteArrayOutputStream back = new ByteArrayOutputStream();
    private int next;

    PieceSender(byte[] stream, int[] cuts, Consumer<byte[]> whenClosed) {
        this.stream = stream;
        this.cuts = cuts;
        this.whenClosed = whenClosed;
    }

    @Override
    public void opened(LoopConnection connection) {
        sendNext(connection);
    }

    private void sendNext(LoopConnection connection) {
        if (connection.closeReason() != null || next > cuts.length) {
            return;
        }
        int start = next == 0 ? 0 : cuts[next - 1];
        int end = next == cuts.length ? stream.length : cuts[next];
        next++;
        connection.send(ByteBuffer.wrap(stream, start, end - start));
        if (next > cuts.length) {
            connection.shutdownOutput();
        } else {
            connection.loop().execute(() -> sendNext(connection));
        }
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {
        var piece = new byte[bytes.remaining()];
        bytes.get(piece);
        back.writeBytes(piece);
    }

    @Override
    public void closed(LoopConnection connection, CloseReason reason) {
        whenClosed.accept(back.toByteArray());
    }
}
