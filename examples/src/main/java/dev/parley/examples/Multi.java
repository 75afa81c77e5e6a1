package dev.parley.examples;

import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Iteration 2: many connections at once, on one event loop on each side. No method of a receiver may block. */
public final class Multi {
    private static final byte[] MESSAGE = "Message from client.".getBytes(StandardCharsets.UTF_8);

    private Multi() {}

    /** Starts a server that sends back all bytes it receives. Returns the server's address, with its real port. */
    static String serve(EventLoop loop, String address) throws BindFailedException {
        var listener = loop.listen(address, (connection, bytes) -> connection.send(bytes));
        return listener.address().toString();
    }

    /** Opens this number of connections and sends on all of them. Returns how many of them got every byte back. */
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

    /** One connection of the client. A message may come back in pieces, so this class counts bytes. */
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

    /**
     * Starts a server ({@code server [ADDRESS]}) or a client ({@code client [ADDRESS] [COUNT]}), or, without arguments,
     * both in this process.
     */
    public static void main(String[] args) throws Exception {
        String address = args.length > 1 ? args[1] : "tcp://localhost:65432";
        int connections = args.length > 2 ? Integer.parseInt(args[2]) : 100;
        switch (args.length == 0 ? "both" : args[0]) {
            case "server" -> {
                try (var loop = EventLoop.start()) {
                    System.out.println("listening on " + serve(loop, address));
                    loop.join();
                }
            }
            case "client" -> tell(ask(address, connections), connections);
            case "both" -> {
                try (var loop = EventLoop.start()) {
                    tell(ask(serve(loop, "tcp://localhost:0"), connections), connections);
                }
            }
            default -> {
                System.err.println("'" + args[0] + "' is not server or client");
                System.exit(2);
            }
        }
    }

    private static void tell(int complete, int connections) {
        System.out.println(complete + " of " + connections + " got every byte back");
    }
}
