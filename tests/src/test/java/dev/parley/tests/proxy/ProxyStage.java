package dev.parley.tests.proxy;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.FaultProxy;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.contract.ForwardingEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A server that echoes, a proxy in front of it, and raw peers, with a census over all of it. */
final class ProxyStage implements AutoCloseable {
    /** The kinds of addresses of the clients and the server. */
    enum Wire {
        TCP,
        UNIX,
        TCP_TO_UNIX;

        private Address server(Path directory) {
            return this == TCP ? Address.parse("tcp://127.0.0.1:0") : new Address.Unix(directory.resolve("server"));
        }

        private Address proxy(Path directory) {
            return this == UNIX ? new Address.Unix(directory.resolve("proxy")) : Address.parse("tcp://127.0.0.1:0");
        }

        /** Returns whether clients see resets: a Unix socket shows a reset as the end of the stream. */
        boolean clientsSeeResets() {
            return this != UNIX;
        }
    }

    final Census census = new Census();
    final ManualTicker ticker = new ManualTicker();

    /** The bytes that the server has received. */
    final ByteArrayOutputStream received = new ByteArrayOutputStream();

    final AtomicInteger receivedPieces = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();
    final List<CloseReason> closed = new CopyOnWriteArrayList<>();

    /** The number of bytes that the proxy has received, from both sides. */
    final AtomicLong proxied = new AtomicLong();

    private final Wire wire;
    private final Path directory;
    private final EventLoop loop;
    private final LoopListener listener;
    private final List<RawPeer> peers = new ArrayList<>();
    private final FaultProxy proxy;

    ProxyStage(Wire wire, long seed, Path directory) throws IOException {
        this.wire = wire;
        this.directory = directory;
        loop = census.startLoop(EventLoop.builder());
        listener = loop.listen(wire.server(directory), new Echo());
        proxy = FaultProxy.to(listener.address())
                .listen(wire.proxy(directory))
                .seed(seed)
                .ticker(ticker)
                .observer(new Counting(census, proxied))
                .start();
    }

    FaultProxy proxy() {
        return proxy;
    }

    LoopListener listener() {
        return listener;
    }

    RawPeer connect() throws IOException {
        RawPeer peer = RawPeer.connect(proxy.address());
        peers.add(peer);
        return peer;
    }

    /** Starts a server that does what the receiver says, at an address of its own. */
    LoopListener another(Receiver receiver) throws IOException {
        return loop.listen(
                wire == Wire.TCP ? wire.server(directory) : new Address.Unix(directory.resolve("b")), receiver);
    }

    int received() {
        synchronized (received) {
            return received.size();
        }
    }

    byte[] receivedBytes() {
        synchronized (received) {
            return received.toByteArray();
        }
    }

    /** Lets time pass, a millisecond at a time, and returns how many it took. */
    long millisUntil(String what, BooleanSupplier condition) {
        var millis = new AtomicLong();
        Await.until(what, () -> {
            if (condition.getAsBoolean()) {
                return true;
            }
            ticker.advance(Duration.ofMillis(1));
            millis.incrementAndGet();
            return false;
        });
        return millis.get();
    }

    /** Waits until the proxy has handled what it has received so far: a later connection is open. */
    void settle() throws IOException {
        int before = census.open();
        connect();
        Await.until("another connection is open", () -> census.open() == before + 3);
    }

    @Override
    public void close() throws IOException {
        for (RawPeer peer : peers) {
            peer.close();
        }
        proxy.close();
        loop.close();
        try (var left = Files.list(directory)) {
            left.forEach(ProxyStage::delete);
        }
        census.assertNothingLeft();
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Echo implements Receiver {
        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            receivedPieces.incrementAndGet();
            var copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            synchronized (received) {
                received.write(copy, 0, copy.length);
            }
            connection.send(bytes);
        }

        @Override
        public void ended(LoopConnection connection) {
            ended.incrementAndGet();
            connection.close();
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.add(reason);
        }
    }

    private record Counting(LoopObserver to, AtomicLong bytesReceived) implements ForwardingEvents {
        @Override
        public boolean seesTraffic() {
            return true;
        }

        @Override
        public void received(ConnectionInfo connection, ByteBuffer bytes) {
            bytesReceived.addAndGet(bytes.remaining());
        }
    }
}
