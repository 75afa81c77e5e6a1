package dev.parley.tests.sim;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.testkit.SimNet;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A whole small system from one seed: a server that echoes and crashes now and then, clients that send at random times
 * and connect again, a network that cuts, delays, parts and breaks.
 */
final class EchoRun implements AutoCloseable {
    /**
     * The number of clients. The run is long enough for each fault to happen, and short enough for a thousand seeds.
     */
    private static final int CLIENTS = 2;

    private static final Limits LIMITS = Limits.DEFAULT.withIdleTimeout(Duration.ofSeconds(30));

    private final SimNet net;
    private final Random random;
    private String wrong = "";
    private int echoed;
    private int lives;

    EchoRun(long seed) {
        net = new SimNet(seed)
                .latency(Duration.ofMillis(1), Duration.ofMillis(200))
                .pieces(1, 600)
                .buffers(50, 2_000)
                .resetOneIn(30);
        random = new Random(seed);
    }

    /** Runs two seconds of it. */
    EchoRun go() throws Exception {
        startServer();
        for (int i = 0; i < CLIENTS; i++) {
            EventLoop loop = start("client" + i);
            var client = new Client(loop);
            loop.execute(client::connect);
        }
        net.run(Duration.ofMillis(600));
        net.partition("client0", "server");
        net.run(Duration.ofMillis(400));
        net.crash("server");
        net.heal("client0", "server");
        net.run(Duration.ofMillis(200));
        startServer();
        net.run(Duration.ofMillis(800));
        return this;
    }

    private EventLoop start(String host) {
        return net.startLoop(host, EventLoop.builder().limits(LIMITS).name("parley-sim-" + host));
    }

    private void startServer() throws Exception {
        start("server").listen("mem:echo", (connection, bytes) -> connection.send(bytes));
    }

    SimNet net() {
        return net;
    }

    String wrong() {
        return wrong;
    }

    int echoed() {
        return echoed;
    }

    int lives() {
        return lives;
    }

    List<String> trace() {
        return net.trace();
    }

    @Override
    public void close() {
        net.close();
    }

    /** Sends numbered bytes, and wants them back in order. */
    private final class Client implements Receiver {
        private final EventLoop loop;
        private byte next;
        private byte wanted;

        Client(EventLoop loop) {
            this.loop = loop;
        }

        void connect() {
            lives++;
            next = 0;
            wanted = 0;
            loop.connect("mem:echo", this);
        }

        @Override
        public void opened(LoopConnection connection) {
            send(connection);
        }

        private void send(LoopConnection connection) {
            if (connection.closeReason() != null) {
                return;
            }
            var bytes = new byte[random.nextInt(1, 1_000)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = next++;
            }
            connection.send(bytes);
            loop.schedule(Duration.ofMillis(random.nextInt(200)), () -> send(connection));
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            echoed += bytes.remaining();
            while (bytes.hasRemaining()) {
                byte one = bytes.get();
                if (one != wanted) {
                    wrong = "byte " + wanted + " came back as " + one;
                }
                wanted++;
            }
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            if (reason != CloseReason.DRAIN) {
                loop.schedule(Duration.ofMillis(random.nextInt(500)), this::connect);
            }
        }
    }
}
