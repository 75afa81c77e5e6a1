package dev.parley.tests.processes;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Transports;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes many calls whose deadlines come one after the other, to a server that never answers. Prints how early and how
 * late they ended, by the monotonic clock, and how often the wall clock was seen to jump meanwhile.
 */
public final class Appointments {
    private static final int CALLS = 1_000;
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration APART = Duration.ofMillis(5);
    private static final long JUMP_MILLIS = 60_000;

    private Appointments() {}

    /** Takes {@code TRANSPORT}. */
    public static void main(String[] args) throws Exception {
        try (EventLoop loop =
                        EventLoop.builder().transport(Transports.named(args[0])).start();
                Server server = Server.builder()
                        .on("wait", request -> {
                            new CountDownLatch(1).await();
                            return request;
                        })
                        .listen(loop, Address.parse("tcp://127.0.0.1:0"));
                var hundreds = new Hundreds(loop, server.address())) {
            hundreds.awaitAll();
        }
        System.exit(0); // handlers that never end
    }

    /** The clients, one for each hundred calls, since the server lets one connection have a hundred calls in flight. */
    private static final class Hundreds implements AutoCloseable {
        private final Client[] clients = new Client[CALLS / 100];
        private final CountDownLatch ended = new CountDownLatch(CALLS);
        private final AtomicLong earliestMillis = new AtomicLong(Long.MAX_VALUE);
        private final AtomicLong latestMillis = new AtomicLong(Long.MIN_VALUE);
        private final AtomicInteger others = new AtomicInteger();

        Hundreds(EventLoop loop, Address server) throws IOException {
            for (int i = 0; i < clients.length; i++) {
                clients[i] = Client.builder(server).loop(loop).connect();
            }
            for (int i = 0; i < CALLS; i++) {
                call(clients[i % clients.length], FIRST.plus(APART.multipliedBy(i)));
            }
        }

        private void call(Client client, Duration timeout) {
            long began = System.nanoTime();
            var _ = client.callAsync("wait", Message.text(""), CallOptions.timeout(timeout))
                    .whenComplete((answer, failure) -> {
                        long offMillis = (System.nanoTime() - began) / 1_000_000 - timeout.toMillis();
                        earliestMillis.accumulateAndGet(offMillis, Math::min);
                        latestMillis.accumulateAndGet(offMillis, Math::max);
                        if (!(failure instanceof CallException)) {
                            others.incrementAndGet();
                        }
                        ended.countDown();
                    });
        }

        void awaitAll() throws InterruptedException {
            int jumps = 0;
            long before = System.currentTimeMillis();
            System.out.println("under way"); // from now on the clock may be set
            while (!ended.await(10, TimeUnit.MILLISECONDS)) {
                long now = System.currentTimeMillis();
                if (Math.abs(now - before) > JUMP_MILLIS) {
                    jumps++;
                    System.out.println("jumped");
                }
                before = now;
            }
            System.out.printf(
                    "%d calls, earliest %d ms, latest %d ms, %d other ends, %d jumps%n",
                    CALLS, earliestMillis.get(), latestMillis.get(), others.get(), jumps);
        }

        @Override
        public void close() {
            for (Client client : clients) {
                client.close();
            }
        }
    }
}
