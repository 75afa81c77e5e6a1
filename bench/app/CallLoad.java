import com.sun.management.OperatingSystemMXBean;
import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Transports;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The client that is measured: {@code search} asked of a {@link SearchServer} by many clients on one loop, or a text of
 * so many bytes sent to a {@link ContentServer}, which sends it back. A closed loop, as the load generator's: each
 * client makes so many calls at once, waits for all of their answers, and makes the next ones.
 */
final class CallLoad {
    record Search(String value) {}

    record Answer(String result) {}

    record Text(String text) {}

    /** One call and its stage, in one of the forms that users have. */
    private interface Asking {
        CompletionStage<?> ask(Client client);

        /** Returns whether this is the answer; a large one is known by its length. */
        default boolean isRight(Object answer) {
            return answer != null;
        }
    }

    private static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);
    private static final Action<Text, Text> TEXT = Action.of("text", Text.class, Text.class);
    private static final CallOptions TIMEOUT = CallOptions.timeout(Duration.ofSeconds(10));
    private static final int CONNECTIONS_MAX = 20_000;

    /** So many calls, or so long, before anything counts: by then the compilers are done with the client's code. */
    private static final int WARM_UP_CALLS = 1_500_000;

    private static final Duration WARM_UP = Duration.ofSeconds(20);

    // Loaded before the loop asks them: the first use takes long.
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Asking asking;
    private final int depth;

    // All of it on the loop's thread.
    private long answered;
    private long failed;
    private boolean stopped;
    private int busy;

    private CallLoad(Asking asking, int depth) {
        this.asking = asking;
        this.depth = depth;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 6 || args.length > 7) {
            System.err.println("usage: CallLoad PORT nio|io_uring raw|typed CONNECTIONS DEPTH SECONDS [BYTES]");
            System.exit(2);
        }
        Address address = Address.parse("tcp://127.0.0.1:" + args[0]);
        int connections = Integer.parseInt(args[3]);
        Asking asking = args.length == 6 ? asking(args[2]) : asking(args[2], Integer.parseInt(args[6]));
        var load = new CallLoad(asking, Integer.parseInt(args[4]));
        try (EventLoop loop = EventLoop.builder()
                .transport(Transports.named(args[1]))
                .limits(Limits.DEFAULT.withConnectionsMax(CONNECTIONS_MAX))
                .start()) {
            load.run(loop, connect(loop, address, connections), Integer.parseInt(args[5]), args);
        }
    }

    private static Asking asking(String kind) {
        Message question = Message.ofValue(new Search("morpheus"));
        return switch (kind) {
            case "raw" -> client -> client.callAsync("search", question, TIMEOUT);
            case "typed" -> client -> client.callAsync(SEARCH, new Search("morpheus"), TIMEOUT);
            default -> throw new IllegalArgumentException("no kind of call: " + kind);
        };
    }

    /** A text that makes the content so many bytes long, and comes back. */
    private static Asking asking(String kind, int bytes) {
        var text = new Text("a".repeat(bytes - Message.ofValue(new Text("")).content().length));
        Message message = Message.ofValue(text);
        return switch (kind) {
            case "raw" ->
                new Asking() {
                    @Override
                    public CompletionStage<?> ask(Client client) {
                        return client.callAsync("text", message, TIMEOUT);
                    }

                    @Override
                    public boolean isRight(Object answer) {
                        return answer instanceof Message found && found.content().length == bytes;
                    }
                };
            case "typed" ->
                new Asking() {
                    @Override
                    public CompletionStage<?> ask(Client client) {
                        return client.callAsync(TEXT, text, TIMEOUT);
                    }

                    @Override
                    public boolean isRight(Object answer) {
                        return answer instanceof Text found
                                && found.text().length() == text.text().length();
                    }
                };
            default -> throw new IllegalArgumentException("no kind of call: " + kind);
        };
    }

    private static List<Client> connect(EventLoop loop, Address address, int count) throws IOException {
        var clients = new ArrayList<Client>();
        for (int i = 0; i < count; i++) {
            clients.add(Client.builder(address).loop(loop).connect());
        }
        return clients;
    }

    private void run(EventLoop loop, List<Client> clients, int seconds, String[] args) throws Exception {
        loop.execute(() -> clients.forEach(client -> new Asker(client).askAll()));
        Reading start = warmUp(loop);
        pause(Duration.ofSeconds(seconds));
        Reading end = read(loop);
        double calls = end.answered - start.answered;
        System.out.printf(
                Locale.ROOT,
                "%s\t%s\t%sx%s%s\t%.0f\t%.3f\t%.3f\t%.0f\t%d%n",
                args[1],
                args[2],
                args[3],
                args[4],
                args.length == 6 ? "" : "@" + args[6],
                calls * 1e9 / (end.nanos - start.nanos),
                (end.cpuNanos - start.cpuNanos) / 1e3 / calls,
                (end.loopNanos - start.loopNanos) / 1e3 / calls,
                100.0 * (end.cpuNanos - start.cpuNanos) / (end.nanos - start.nanos),
                end.failed);
        stop(loop);
        clients.forEach(Client::close);
    }

    private Reading warmUp(EventLoop loop) throws InterruptedException {
        Reading begin = read(loop);
        Reading now = begin;
        while (now.answered < WARM_UP_CALLS && now.nanos - begin.nanos < WARM_UP.toNanos()) {
            pause(Duration.ofMillis(100));
            now = read(loop);
        }
        return now;
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    /** The figures at one moment. */
    private record Reading(long nanos, long cpuNanos, long loopNanos, long answered, long failed) {}

    private Reading read(EventLoop loop) throws InterruptedException {
        var reading = new Reading[1];
        onLoop(loop, () -> reading[0] = new Reading(System.nanoTime(), cpuNanos(), loopNanos(), answered, failed));
        return reading[0];
    }

    /** The figures of the whole process: compilers and garbage collection are part of the cost of calls. */
    private static long cpuNanos() {
        return SYSTEM.getProcessCpuTime();
    }

    private static long loopNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    /** Returns when no call is under way. */
    private void stop(EventLoop loop) throws InterruptedException {
        onLoop(loop, () -> stopped = true);
        var idle = new boolean[1];
        while (!idle[0]) {
            pause(Duration.ofMillis(10));
            onLoop(loop, () -> idle[0] = busy == 0);
        }
    }

    private static void onLoop(EventLoop loop, Runnable task) throws InterruptedException {
        var done = new CountDownLatch(1);
        loop.execute(() -> {
            task.run();
            done.countDown();
        });
        done.await();
    }

    /** One client, and the calls that it waits for. */
    private final class Asker {
        private final Client client;
        private int left;

        Asker(Client client) {
            this.client = client;
        }

        void askAll() {
            if (stopped) {
                return;
            }
            left = depth;
            busy++;
            for (int i = 0; i < depth; i++) {
                asking.ask(client).whenComplete((answer, failure) -> took(failure == null && asking.isRight(answer)));
            }
        }

        private void took(boolean right) {
            answered++;
            if (!right) {
                failed++;
            }
            if (--left == 0) {
                busy--;
                askAll();
            }
        }
    }
}
