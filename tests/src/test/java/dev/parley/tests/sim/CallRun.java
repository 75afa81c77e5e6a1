package dev.parley.tests.sim;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.SimNet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One simulated run: clients that call, a network that delays, cuts, resets and parts, and a server that crashes, loses
 * its power or goes away, and comes back. All of it comes from the seed. At the end each call must have ended once, and
 * with the truth.
 */
final class CallRun implements AutoCloseable {
    private static final Address ADDRESS = Address.parse("mem:counter");
    private static final int CALLS = 12;
    private static final Duration TROUBLE = Duration.ofSeconds(30);

    private final SimNet net;
    private final SplittableRandom random;
    private final List<Asked> calls = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Map<Integer, Integer> processed = new HashMap<>();
    private int failed;

    /** A call and its result. */
    private static final class Asked {
        final int number;
        final boolean mayRepeat;
        int ends;

        @Nullable
        Message answer;

        @Nullable
        Throwable failure;

        Asked(int number, boolean mayRepeat) {
            this.number = number;
            this.mayRepeat = mayRepeat;
        }
    }

    CallRun(long seed) {
        this(seed, null);
    }

    /**
     * Makes a run.
     *
     * @param tls the settings of both sides; null without TLS
     */
    CallRun(long seed, @Nullable Tls tls) {
        random = new SplittableRandom(seed);
        net = new SimNet(seed)
                .latency(Duration.ofMillis(random.nextInt(1, 5)), Duration.ofMillis(random.nextInt(5, 300)))
                .pieces(1, random.nextInt(2, 400))
                .buffers(200, random.nextInt(201, 20_000));
        if (random.nextInt(3) == 0) {
            net.resetOneIn(random.nextInt(20, 300));
        }
        if (tls != null) {
            net.tls(tls);
        }
    }

    /** The loops' reports of closed connections are not failures here; what a handler threw is one. */
    private LoopObserver observer() {
        return new LoopObserver() {
            @Override
            public void failed(String where, Throwable cause) {
                failed++;
            }
        };
    }

    /** Returns how many calls ended in each way: answered, reported as not processed, and of unknown outcome. */
    int[] ends() {
        int answered = (int) calls.stream().filter(call -> call.answer != null).count();
        int not = (int) calls.stream()
                .filter(call -> Trouble.isNotProcessed(call.failure))
                .count();
        return new int[] {answered, not, calls.size() - answered - not};
    }

    /** Runs it; returns what it comes to, the same for the same seed. */
    String run() throws Exception {
        startServer();
        int count = random.nextInt(1, 4);
        for (int i = 0; i < count; i++) {
            startClient("client-" + i);
        }
        trouble(count);
        net.runUntil("every call has ended", () -> calls.stream().allMatch(each -> each.ends > 0));
        net.run(Duration.ofSeconds(60));
        for (Asked call : calls) {
            check(call);
        }
        check(failed == 0, "a handler or a callback threw, " + failed + " times");
        return net.fingerprint() + " " + processed.size() + " of " + calls.size();
    }

    private void startServer() throws Exception {
        EventLoop loop = net.startLoop("server", EventLoop.builder().observer(observer()));
        Server.builder()
                .observer(observer())
                .onLoop("count", request -> {
                    processed.merge(request.json().path("n").asInt(), 1, Integer::sum);
                    return Message.json("{\"n\": " + request.json().path("n").asInt() + "}");
                })
                .listen(loop, ADDRESS);
    }

    private void startClient(String host) {
        EventLoop loop = net.startLoop(host, EventLoop.builder().observer(observer()));
        Client client = Client.builder(ADDRESS)
                .loop(loop)
                .random(new SplittableRandom(random.nextLong()))
                .waitForReady(random.nextBoolean())
                .retries(random.nextInt(4) != 0)
                .start();
        clients.add(client);
        for (int i = 0; i < CALLS; i++) {
            var asked = new Asked(calls.size(), random.nextInt(3) == 0);
            calls.add(asked);
            Duration when = Duration.ofMillis(random.nextLong(TROUBLE.toMillis()));
            Duration timeout = Duration.ofMillis(random.nextInt(20, 20_000));
            loop.execute(() -> loop.schedule(when, () -> ask(client, asked, timeout)));
        }
    }

    private static void ask(Client client, Asked asked, Duration timeout) {
        Message request = Message.json("{\"n\": " + asked.number + "}");
        Message sent = asked.mayRepeat ? request.with(Header.IDEMPOTENCY_KEY, "k" + asked.number) : request;
        var _ = client.callAsync("count", sent, CallOptions.timeout(timeout)).whenComplete((answer, failure) -> {
            asked.ends++;
            asked.answer = answer;
            asked.failure = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        });
    }

    /** Makes partitions and restarts, one after another. */
    private void trouble(int clientCount) throws Exception {
        while (net.now().compareTo(TROUBLE) < 0) {
            net.run(Duration.ofMillis(random.nextInt(10, 8_000)));
            String client = "client-" + random.nextInt(clientCount);
            switch (random.nextInt(4)) {
                case 0 -> Trouble.part(net, random, client, 60_000);
                case 1 -> restart(false);
                case 2 -> restart(true);
                default -> {} // a while without trouble
            }
        }
    }

    private void restart(boolean silently) throws Exception {
        Trouble.stop(net, random, silently);
        startServer();
    }

    private void check(Asked call) {
        int times = processed.getOrDefault(call.number, 0);
        check(call.ends == 1, call.number + " ended " + call.ends + " times");
        check(times <= 1 || call.mayRepeat, call.number + " was processed " + times + " times");
        Message answer = call.answer;
        if (answer != null) {
            check(times >= 1, call.number + " has an answer, and was never processed");
            check(answer.json().path("n").asInt() == call.number, call.number + " has the answer of another");
        } else if (Trouble.isNotProcessed(call.failure)) {
            check(times == 0, call.number + " was told that it was not processed: " + call.failure);
        } else {
            check(call.failure instanceof CallException, call.number + " ended with " + call.failure);
        }
    }

    private void check(boolean good, String what) {
        if (!good) {
            throw new AssertionError(what + "; seed " + net.seed());
        }
    }

    @Override
    public void close() {
        clients.forEach(Client::close);
        net.close();
    }
}
