package dev.parley.tests.bed;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** An endpoint that answers nothing, as one behind a firewall would: its backlog is full. */
public final class SilentHost implements AutoCloseable {
    /** A backlog of one holds two on Linux; with the others, no more is taken. */
    private static final int CONNECTS = 4;

    private final List<Closeable> sockets = new ArrayList<>();

    public SilentHost(InetSocketAddress endpoint) throws IOException {
        sockets.add(ServerSocketChannel.open().bind(endpoint, 1));
        SocketChannel last = null;
        for (int i = 0; i < CONNECTS; i++) {
            last = SocketChannel.open();
            sockets.add(last);
            last.configureBlocking(false);
            last.connect(endpoint);
        }
        if (last == null || last.finishConnect()) {
            throw new AssertionError(endpoint + " still takes connections");
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable socket : sockets) {
            socket.close();
        }
    }
}
