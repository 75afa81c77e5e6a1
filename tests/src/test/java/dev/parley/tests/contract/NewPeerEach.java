package dev.parley.tests.contract;

import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.util.Queue;

/** Gives each accepted connection a peer of its own and lets the test have it. */
record NewPeerEach(Queue<LoopPeer> accepted) implements Receiver {
    @Override
    public void opened(LoopConnection connection) {
        var peer = new LoopPeer();
        connection.receiver(peer);
        peer.opened(connection);
        accepted.add(peer);
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {
        throw new IllegalStateException("opened comes first");
    }
}
