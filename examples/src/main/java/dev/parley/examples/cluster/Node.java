package dev.parley.examples.cluster;

import dev.parley.Action;
import dev.parley.Cluster;
import dev.parley.MessageLimits;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.frame.ErrorCode;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * One node: it handles two of the three kinds of orders, and passes on the third. Each order takes 20 ms, as if a
 * database were asked, and a node works on sixteen at once. So a node handles at most 800 orders a second.
 *
 * <p>A handled order is in its journal before the response is sent. The journal is for the example alone: it lets
 * {@link Journals} check the responses of the clients.
 */
final class Node {
    /** An order by its number. */
    record Order(long number) {}

    /** The node that handled an order. */
    record Receipt(String node) {}

    private static final int AT_ONCE = 16;
    private static final Duration WORK = Duration.ofMillis(20);
    private static final Duration DRAIN_DELAY = Duration.ofMillis(1_500);
    private static final Duration DRAIN_GRACE = Duration.ofSeconds(3);

    private static final Semaphore ROOM = new Semaphore(AT_ONCE);

    private Node() {}

    /** Returns the action for one kind of orders: {@code tea}, {@code coffee} or {@code cocoa}. */
    static Action<Order, Receipt> action(String kind) {
        return Action.of("order." + kind, Order.class, Receipt.class);
    }

    /** Takes the address to listen on, the address of the cluster, the journal, and the kinds of orders. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path journal = Path.of(args[2]);
        Set<String> kinds = new TreeSet<>(
                Set.of(args).stream().filter(Orders.KINDS::contains).toList());
        try (var cluster = Cluster.connect(args[1]);
                var handled = new FileOutputStream(journal.toFile(), true)) {
            var settings = Server.builder()
                    .cluster(cluster)
                    .limits(MessageLimits.DEFAULT.withConnectionAgeMax(Duration.ofSeconds(5))) // clients spread anew
                    .httpHealth(true);
            for (String kind : kinds) {
                settings.on(action(kind), order -> handle(order, journal, handled));
            }
            Server server = settings.listen(args[0]);
            server.drainOnShutdown(DRAIN_DELAY, DRAIN_GRACE);
            server.join();
        }
    }

    private static Receipt handle(Order order, Path journal, OutputStream handled) throws Exception {
        if (!ROOM.tryAcquire()) {
            throw new RequestRejectedException(ErrorCode.BUSY, "this node works on " + AT_ONCE + " orders already");
        }
        try {
            LockSupport.parkNanos(WORK.toNanos());
            handled.write((order.number() + "\n").getBytes(StandardCharsets.US_ASCII)); // one write(2), so it is whole
            return new Receipt(journal.getFileName().toString());
        } finally {
            ROOM.release();
        }
    }
}
