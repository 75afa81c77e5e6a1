package dev.parley.tests.fuzz;

import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client on the server's own loop: one piece in each of its turns, so that no two are read together. */
final class SessionClient implements Receiver {
    private final Iterator<byte[]> left;
    private final boolean endsInOrder;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> received = new CompletableFuture<>();
    private boolean over;

    SessionClient(List<byte[]> pieces, boolean endsInOrder) {
        this.left = pieces.iterator();
        this.endsInOrder = endsInOrder;
    }

    /** All bytes that came, once the connection is closed. */
    CompletableFuture<byte[]> received() {
        return received;
    }

    @Override
    public void opened(LoopConnection connection) {
        sendNext(connection);
    }

    private void sendNext(LoopConnection connection) {
        if (over) {
            return;
        }
        if (left.hasNext()) {
            connection.send(left.next());
            connection.loop().execute(() -> sendNext(connection));
        } else if (endsInOrder) {
            connection.shutdownOutput();
        } else {
            connection.close();
        }
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer some) {
        var copy = new byte[some.remaining()];
        some.get(copy);
        bytes.writeBytes(copy);
    }

    @Override
    public void ended(LoopConnection connection) {
        over = true;
        connection.close();
    }

    @Override
    public void closed(LoopConnection connection, CloseReason reason) {
        over = true;
        received.complete(bytes.toByteArray());
    }
}
