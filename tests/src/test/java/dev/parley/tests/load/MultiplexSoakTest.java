package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a million requests over sixteen connections, answered in any order: none is lost, doubled or crossed. */
@Timeout(300)
class MultiplexSoakTest {
    private static final int REQUESTS = Integer.getInteger("parley.soak.requests", 1_000_000);
    private static final int CONNECTIONS = 16;
    private static final int IN_FLIGHT = 100;
    private static final long DELAY_NANOS_MAX = 500_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Census census = new Census();
    private final AtomicInteger handled = new AtomicInteger();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** Answers a request. Some answers wait, some do not, and they have many lengths, so their order is arbitrary. */
    private Message answer(Message request) {
        handled.incrementAndGet();
        long delay = ThreadLocalRandom.current().nextLong(4 * DELAY_NANOS_MAX) - 3 * DELAY_NANOS_MAX;
        if (delay > 0) {
            LockSupport.parkNanos(delay);
        }
        return Message.text(answerTo(request.text()));
    }

    private static String answerTo(String question) {
        return question.hashCode() + " " + question;
    }

    @Test
    void noneIsLostDoubledOrCrossed() throws Exception {
        try (EventLoop servers =
                        census.watch(EventLoop.builder().observer(census).start());
                EventLoop clients =
                        census.watch(EventLoop.builder().observer(census).start());
                Server server = Server.builder()
                        .observer(census)
                        .onLoop("hello", request -> request)
                        .on("answer", this::answer)
                        .listen(servers, Address.parse("tcp://127.0.0.1:0"))) {
            var all = new ArrayList<Client>();
            var done = new CountDownLatch(REQUESTS);
            for (int i = 0; i < CONNECTIONS; i++) {
                Client client = Client.builder(server.address()).loop(clients).connect();
                all.add(client);
                client.call("hello", Message.json("{\"n\": 1}"));
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                int number = i;
                Thread.ofVirtual().start(() -> ask(all.get(number), number, done));
            }
            done.await();
            System.out.printf(
                    "promise R1: %d requests over %d connections, %d in flight each: %d wrong%n",
                    REQUESTS, CONNECTIONS, IN_FLIGHT, wrong.size());
            assertThat(wrong).isEmpty();
            assertThat(handled).hasValue(REQUESTS);
            assertThat(all.stream().mapToLong(Client::lateResponses).sum()).isZero();
            all.forEach(Client::close);
        }
        census.assertNothingLeft();
    }

    private void ask(Client client, int number, CountDownLatch done) {
        var random = new SplittableRandom(number);
        var mayAsk = new Semaphore(IN_FLIGHT);
        for (int i = 0; i < REQUESTS / CONNECTIONS; i++) {
            String question = number + "." + i + "x".repeat(random.nextInt(50));
            mayAsk.acquireUninterruptibly();
            var _ = client.callAsync("answer", Message.text(question), CallOptions.timeout(PATIENCE))
                    .whenComplete((answer, failure) -> {
                        if (failure != null || !answer.text().equals(answerTo(question))) {
                            wrong.add(question + ": " + (failure == null ? answer.text() : failure));
                        }
                        mayAsk.release();
                        done.countDown();
                    });
        }
    }
}
