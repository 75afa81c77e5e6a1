package dev.parley.examples;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Iteration 2: many connections at once, on one event loop on each side; nothing here may block. */
public final class Multi {
    private static final byte[] MESSAGE = "Message from client.".getBytes(StandardCharsets.UTF_8);

    private Multi() {}

    /** Opens that many connections, sends on all of them, and returns how many got every byte back. */
    static int ask(String address, int connections) throws InterruptedException {
        var complete = new AtomicInteger();
        var closed = new CountDownLatch(connections);
        try (var loop = EventLoop.start()) {
            for (int i = 0; i < connections; i++) {
                loop.connect(address, new Client(complete, closed));
            }
            closed.await();
        }
        return complete.get();
    }

    /** One connection of the client. A message may come back in pieces, so it counts bytes. */
    private static final class Client implements Receiver {
        private final AtomicInteger complete;
        private final CountDownLatch closed;
        private int received;

        Client(AtomicInteger complete, CountDownLatch closed) {
            this.complete = complete;
            this.closed = closed;
        }

        @Override
        public void opened(LoopConnection connection) {
            connection.send(MESSAGE);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            received += bytes.remaining();
            if (received == MESSAGE.length) {
                complete.incrementAndGet();
                connection.close();
            }
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.countDown();
        }
    }

    /** A server on a free port, and a client with 100 connections. */
    public static void main(String[] args) throws Exception {
        try (var loop = EventLoop.start()) {
            var listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
            System.out.println(ask(listener.address().toString(), 100) + " of 100 got every byte back");
        }
    }
}
