package dev.parley.examples.cluster;

import dev.parley.examples.cluster.Orders.Outcome;
import dev.parley.examples.cluster.Orders.Told;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The command. First it starts one node, then a second and a third one, under more load than the first can carry. Then,
 * at 1,000 orders a second, it kills or drains one node every five seconds, and starts it again. At the end it compares
 * the responses that the clients got with the orders that the nodes have handled, and draws a plot.
 */
public final class ThreeNodes {
    private static final int GROWING_PER_SECOND = 1_600;
    private static final Duration ALONE = Duration.ofSeconds(5);

    /** The maximum delay of an outcome after the time limit: a clock has steps, and a thread must get a turn. */
    private static final Duration LATE_MAX = Duration.ofMillis(500);

    private static final int PER_SECOND = 1_000;
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration DOWN = Duration.ofSeconds(2);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Something that was done to a node. */
    record Event(long atNanos, String what, int node) {}

    private final Programs programs;
    private final Path directory;
    private final Duration alone;
    private final Duration lateMax;
    private final int brokerPort;
    private final List<Integer> ports = new ArrayList<>();
    private final Process[] nodes = new Process[3];
    private final List<Event> events = new ArrayList<>();
    private volatile boolean hasGrown;
    private long grownNanos;

    private ThreeNodes(Programs programs, Path directory, Duration alone, Duration lateMax) throws IOException {
        this.programs = programs;
        this.directory = directory;
        this.alone = alone;
        this.lateMax = lateMax;
        brokerPort = programs.freePort();
        programs.broker(brokerPort);
        for (int i = 0; i < nodes.length; i++) {
            ports.add(programs.freePort());
        }
    }

    /** Takes the seconds for kills and drains (default 60), and the directory for logs and the plot. */
    public static void main(String[] args) throws Exception {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 60;
        Path directory = Path.of(args.length > 1 ? args[1] : "cluster-example");
        if (!run(Duration.ofSeconds(seconds), ALONE, LATE_MAX, directory)
                .map(Result::isGood)
                .orElse(false)) {
            System.exit(1);
        }
    }

    /**
     * Runs the whole example. Returns nothing if it could not be run, which was printed.
     *
     * @param howLong how long nodes are killed and drained
     * @param alone how long the first node is alone, and then two are, and then all three are left in peace
     * @param lateMax how much later than its time limit a client may be told what became of its order
     */
    static Optional<Result> run(Duration howLong, Duration alone, Duration lateMax, Path directory)
            throws IOException, InterruptedException {
        try (var programs = new Programs(directory)) {
            for (int i = 1; i <= 3; i++) {
                Files.deleteIfExists(directory.resolve("node" + i));
            }
            return Optional.of(new ThreeNodes(programs, directory, alone, lateMax).run(howLong));
        } catch (IOException e) {
            System.err.println("cluster example: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Result run(Duration howLong) throws IOException, InterruptedException {
        startNode(0);
        int proxy = programs.freePort();
        programs.proxy(proxy, ports);
        List<Told> told;
        try (var orders = new Orders("tcp://127.0.0.1:" + proxy)) {
            Thread grows = Thread.ofPlatform().start(() -> orders.order(GROWING_PER_SECOND, () -> hasGrown));
            note(orders, "start", 0);
            for (int i = 1; i < nodes.length; i++) {
                rest(alone);
                startNode(i);
                note(orders, "start", i);
            }
            rest(alone);
            hasGrown = true;
            grows.join();
            grownNanos = orders.elapsedNanos();
            System.out.printf(
                    Locale.ROOT,
                    "%n%,d orders a second, and a node is killed or drained every %d s%n%n",
                    PER_SECOND,
                    PERIOD.toSeconds());
            long end = System.nanoTime() + howLong.toNanos(); // a start may take longer than a period
            Thread load = Thread.ofPlatform().start(() -> orders.order(PER_SECOND, () -> System.nanoTime() - end >= 0));
            for (int i = 0; end - System.nanoTime() > DOWN.toNanos(); i++) {
                disturb(orders, i % nodes.length, i % 2 == 0);
            }
            load.join();
            told = orders.finish();
        }
        for (Process node : nodes) {
            stop(node, false);
        }
        return report(told);
    }

    /** Stops a node, and starts it again, within one period. */
    private void disturb(Orders orders, int node, boolean kill) throws IOException, InterruptedException {
        long began = System.nanoTime();
        note(orders, kill ? "kill" : "drain", node);
        stop(nodes[node], kill);
        rest(DOWN);
        startNode(node);
        note(orders, "start", node);
        rest(Duration.ofNanos(began + PERIOD.toNanos() - System.nanoTime()));
    }

    private static void stop(Process node, boolean kill) throws InterruptedException {
        if (kill) {
            node.destroyForcibly();
        } else {
            node.destroy(); // SIGTERM: the node drains
        }
        if (!node.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
            node.destroyForcibly().waitFor();
        }
    }

    private void startNode(int node) throws IOException {
        List<String> kinds = new ArrayList<>(Orders.KINDS);
        kinds.remove(node); // each kind has two nodes
        nodes[node] = programs.node(ports.get(node), brokerPort, directory.resolve("node" + (node + 1)), kinds);
    }

    private void note(Orders orders, String what, int node) {
        events.add(new Event(orders.elapsedNanos(), what, node + 1));
        System.out.printf(
                Locale.ROOT, "%7.1f s  %-5s node %d%n", orders.elapsedNanos() / (double) SECOND_NANOS, what, node + 1);
    }

    private static void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private Result report(List<Told> told) throws IOException {
        List<Path> journals =
                List.of(directory.resolve("node1"), directory.resolve("node2"), directory.resolve("node3"));
        Journals.Comparison found = Journals.compare(journals, told);
        List<Told> steady =
                told.stream().filter(each -> each.sentNanos() > grownNanos).toList();
        long[] waits = steady.stream()
                .filter(each -> each.outcome() == Outcome.ANSWERED)
                .mapToLong(Told::tookNanos)
                .sorted()
                .toArray();
        Result result = Result.of(found, told, events, alone, lateMax);
        System.out.printf(
                Locale.ROOT,
                """

                answered a second: with one node %,d, with two %,d, with three %,d
                since the kills began: %,d orders
                  answered           %,8d  (median %.1f ms, 99%% within %.1f ms)
                  not processed      %,8d
                  unknown            %,8d
                in all, %,d orders were handled:
                  answered and lost  %,8d
                  handled twice      %,8d
                  handled, and said not to be  %d
                  handled, and unknown to the client  %d
                the longest wait: %.2f s; the time limit: %d s
                """,
                result.perSecond().get(0),
                result.perSecond().get(1),
                result.perSecond().get(2),
                steady.size(),
                waits.length,
                millis(waits, 0.5),
                millis(waits, 0.99),
                count(steady, Outcome.NOT_PROCESSED),
                count(steady, Outcome.UNKNOWN),
                found.handled(),
                found.lost(),
                found.doubled(),
                found.untrue(),
                found.unknownHandled(),
                result.longest().toMillis() / 1_000.0,
                Orders.TIME_LIMIT.toSeconds());
        Path plot = directory.resolve("plot.svg");
        Files.writeString(plot, Plot.of(told, events));
        System.out.println("the plot is in " + plot);
        return result;
    }

    private static long count(List<Told> told, Outcome outcome) {
        return told.stream().filter(each -> each.outcome() == outcome).count();
    }

    private static double millis(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) (part * (sorted.length - 1))] / 1e6;
    }
}
