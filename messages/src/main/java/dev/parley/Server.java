package dev.parley;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopListener;
import dev.parley.net.time.Ticker;
import dev.parley.server.Authorization;
import dev.parley.server.Health;
import dev.parley.server.ServerCounters;
import dev.parley.server.ServerSettings;
import dev.parley.server.Sessions;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server that exchanges messages: it listens, and its handlers respond to requests. Any thread may use it.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
 *
 * try (var server = Server.builder()
 *         .on(search, question -> new Answer("No match for '" + question.value() + "'."))
 *         .listen("tcp://localhost:65432")) {
 *     System.out.println("listening on " + server.address());
 *     server.join();
 * }
 * }
 */
public final class Server implements AutoCloseable {
    /** The maximum number of event loops of one server. */
    public static final int LOOPS_MAX = 1_024;

    private final List<EventLoop> loops;
    private final boolean ownsLoops;
    private final List<LoopListener> listeners;
    private final List<Sessions> sessions;
    private final ServerCounters counters;
    private final Health health;
    private final @Nullable Authorization authorization;
    private final ShutdownDrain shutdown = new ShutdownDrain(this);

    /** Counted down when the delay of a drain is over, or the server is closed during it. */
    private final CountDownLatch delayIsOver = new CountDownLatch(1);

    /** The server's place in a cluster; null if it has none. Set before the server is handed out. */
    private @Nullable ClusterNode node;

    Server(
            List<EventLoop> loops,
            boolean ownsLoops,
            List<LoopListener> listeners,
            List<Sessions> sessions,
            ServerSettings settings,
            @Nullable Authorization authorization) {
        this.authorization = authorization;
        this.sessions = sessions;
        this.loops = loops;
        this.ownsLoops = ownsLoops;
        this.listeners = listeners;
        this.counters = settings.counters();
        this.health = settings.health();
    }

    void joined(ClusterNode place) {
        node = place;
    }

    /** {@return a builder for a server, which needs at least one handler} */
    public static ServerBuilder builder() {
        return new ServerBuilder();
    }

    /** {@return the first address that was passed to {@code listen}, with the real port if the port was 0} */
    public Address address() {
        return listeners.getFirst().address();
    }

    /** {@return all bound addresses, each as an IP address with its real port, or as a path} */
    public List<Address> addresses() {
        return firsts().flatMap(each -> each.addresses().stream()).toList();
    }

    /** Returns the listener of each address on the first loop. The listeners of the other loops share it. */
    private Stream<LoopListener> firsts() {
        return IntStream.range(0, listeners.size())
                .filter(i -> i % loops.size() == 0)
                .mapToObj(listeners::get);
    }

    /** {@return the number of open connections} */
    public int openConnections() {
        return firsts().mapToInt(LoopListener::openConnections).sum();
    }

    /**
     * {@return the number of requests since the server started, including those without a handler} The request {@code
     * parley.peer}, which each client sends on a new connection, is not counted. In a cluster, the requests of other
     * nodes count too.
     */
    public long requests() {
        return counters.requests.sum();
    }

    /**
     * {@return the number of control messages since the server started that were ignored because this version does not
     * know their names}
     */
    public long ignoredControls() {
        return counters.ignoredControls.sum();
    }

    /** {@return the number of messages since the server started that were cut off by the end of their connection} */
    public long truncatedMessages() {
        return counters.truncated.sum();
    }

    /**
     * Waits until the server's loop is closed. A loop of the server's own is closed with the server. If the loop was
     * passed to {@code listen}, the owner of the loop closes it. Do not call this method on a loop's thread, for
     * example in a handler of {@code onLoop}.
     *
     * @throws InterruptedException if the caller was interrupted; the server goes on
     */
    public void join() throws InterruptedException {
        shutdown.joins(Thread.currentThread());
        try {
            loops.getFirst().join();
        } finally {
            shutdown.joined(Thread.currentThread());
        }
    }

    /**
     * Drains this server if the process is asked to end: by SIGTERM, by Ctrl-C, or by {@link System#exit}. After the
     * drain, {@link #join} returns, and the process waits until the thread that called {@code join} has ended. So the
     * code after {@code join} still runs, such as the end of a {@code try}. A second signal ends the process at once.
     * Without this method, the JVM stops all threads where they are.
     *
     * {@snippet :
     * try (var server = Server.builder().on("echo", request -> request).listen("tcp://localhost:0")) {
     *     server.drainOnShutdown(Duration.ofSeconds(10));
     *     // server.join();
     * }
     * System.out.println("closed");
     * }
     *
     * @param grace the time that requests under way may take, see {@link #drain}; after the drain, the code after
     *     {@code join} may take as long again; zero or more. If this method is called several times, the last call
     *     counts
     * @throws IllegalArgumentException if the grace is negative
     * @throws IllegalStateException if the process is already ending
     */
    public void drainOnShutdown(Duration grace) {
        drainOnShutdown(Duration.ZERO, grace);
    }

    /**
     * Drains this server after a delay if the process is asked to end; otherwise the same as {@link
     * #drainOnShutdown(Duration)}.
     *
     * @param delay the time in which the server still serves, but says that it drains, see {@link #drain(Duration,
     *     Duration)}; zero or more
     * @param grace the time that requests under way may take; zero or more
     * @throws IllegalArgumentException if one of them is negative
     * @throws IllegalStateException if the process is already ending
     */
    public void drainOnShutdown(Duration delay, Duration grace) {
        checkDelay(delay);
        checkGrace(grace);
        shutdown.set(delay, grace);
    }

    private static void checkDelay(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay of " + delay + "; it must be zero or more");
        }
    }

    private static void checkGrace(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("a grace of " + grace + "; it must be zero or more");
        }
    }

    /**
     * Takes back the authorization of principals. What was accepted on their connections is forgotten, so their next
     * request needs credentials that the {@link Authorizer} accepts; remove the principal there first. The requests and
     * streams of theirs whose handlers run end with {@code cancelled}, since the handlers may have done their work, and
     * the handlers are cancelled. If one of them has no id, its connection ends, with all that is under way on it.
     * Returns at once; each loop does this in
     * its next turn. Any thread may call it. In a cluster, what this server handles for other nodes ends too; there a
     * principal has its name alone. Revoke it on each node, since each has connections of its own.
     *
     * @param principals true for the principals to revoke; called on the loops' threads, so it must not block. If it
     *     throws, the loop's observer is notified, and the connection whose principal it was given keeps it
     * @throws IllegalStateException if the server has no authorizer
     */
    public void revoke(Predicate<? super Principal> principals) {
        if (authorization == null) {
            throw new IllegalStateException("the server has no authorization: set it by authorization(…)");
        }
        sessions.forEach(each -> each.revoke(principals));
        ClusterNode ofCluster = node;
        if (ofCluster != null) {
            ofCluster.revoke(principals);
        }
    }

    /**
     * Ends the server, but lets the requests under way finish. The server stops listening, and notifies its clients, so
     * that they use another server. It refuses new requests with {@code going-away}, which means that they were not
     * processed. Requests that are not finished within the grace period get {@code unavailable}. Their connections are
     * closed at most a few seconds later. Then the server's own loops are closed. Any thread except a loop's thread may
     * call this method. If another thread drains the server already, this call waits for the same end, and the grace
     * period that ends first counts.
     *
     * @param grace the time that requests under way may take; zero or more
     * @return the number of connections that finished, and the number of connections that were cut
     * @throws InterruptedException if the caller was interrupted; the drain goes on, but only {@link #close} closes
     *     the server's own loops then
     * @throws IllegalArgumentException if the grace is negative
     * @throws IllegalStateException if it is called on the thread of a loop
     */
    public DrainReport drain(Duration grace) throws InterruptedException {
        EventLoop.checkMayBlock("drain(…)", "let another thread wait, such as main");
        checkGrace(grace);
        long began = Ticker.SYSTEM.nanos();
        health.drain();
        if (node != null) {
            node.withdraw();
        }
        listeners.reversed().forEach(LoopListener::close);
        List<CompletableFuture<DrainReport>> reports =
                sessions.stream().map(each -> each.drain(grace)).toList();
        DrainReport whole = DrainReport.NOTHING;
        for (CompletableFuture<DrainReport> report : reports) {
            try {
                whole = whole.plus(report.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        if (node != null) {
            Duration left = grace.minusNanos(Ticker.SYSTEM.nanos() - began); // the clients have used some of it
            node.drain(left.isNegative() ? Duration.ZERO : left);
        }
        close();
        return whole;
    }

    /**
     * Drains this server after a delay. During the delay the server still accepts connections and requests, but its
     * health says that it drains: the action {@code parley.health} responds {@code {"status": "draining"}}, and {@code
     * GET /health}, see {@link ServerBuilder#httpHealth}, responds with status 503. So a load balancer that checks the
     * health sends its new connections elsewhere before this server refuses any. Then the same as {@link
     * #drain(Duration)}.
     *
     * @param delay a few times the interval of the load balancer's checks; zero or more
     * @param grace the time that requests under way may take after the delay; zero or more
     * @return the number of connections that finished, and the number of connections that were cut
     * @throws InterruptedException if the caller was interrupted; during the delay, the drain has then not begun, but
     *     the health goes on saying that the server drains
     * @throws IllegalArgumentException if one of the times is negative
     * @throws IllegalStateException if it is called on the thread of a loop
     */
    public DrainReport drain(Duration delay, Duration grace) throws InterruptedException {
        EventLoop.checkMayBlock("drain(…)", "let another thread wait, such as main");
        checkDelay(delay);
        checkGrace(grace);
        health.drain();
        if (!delay.isZero()) {
            EventLoop clock = loops.getFirst(); // its ticker measures every time of this server
            boolean runs = clock.tryExecute(() -> {
                clock.schedule(delay, delayIsOver::countDown);
                clock.whenClosing(delayIsOver::countDown);
            });
            if (runs) {
                delayIsOver.await();
            }
        }
        return drain(grace);
    }

    /**
     * {@return whether this server serves; false once a drain has begun, or its delay, and while a cluster is away that
     * it needs, see {@link ServerBuilder#healthNeedsCluster}} {@code parley.health} reports this.
     */
    public boolean isServing() {
        return health.isServing();
    }

    /**
     * Stops listening; the address is free when this method returns. If the loops are the server's own, this method
     * also closes every connection, and interrupts running handlers without waiting for them. If the loop was passed to
     * {@code listen}, open connections are still served. A second call has no effect.
     */
    @Override
    public void close() {
        shutdown.unset();
        delayIsOver.countDown();
        if (node != null) {
            node.close();
        }
        listeners.reversed().forEach(LoopListener::close);
        if (ownsLoops) {
            loops.reversed().forEach(EventLoop::close);
        }
    }
}
