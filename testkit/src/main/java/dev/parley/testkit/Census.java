package dev.parley.testkit;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a test opens through Parley, and checks after the test that all of it is gone: the connections of the
 * loops that it observes, the buffers of the loops that it watches, and, in the whole process, Parley's own platform
 * threads, sockets and the eventfds of selectors. It also checks that nothing failed unnoticed. It counts neither
 * virtual threads, such as those of handlers, nor threads that the test has started, nor open files. Create a census
 * before the test, pass it to the test's loops as their observer, and call {@link #assertNothingLeft} after the loops
 * are closed. Any thread may use it. Tests that use a census must run one after another, since it counts in the whole
 * process. Descriptors are only counted on Linux.
 *
 * {@snippet :
 * var census = new Census();
 * try (var loop = census.watch(EventLoop.builder().observer(census).start())) {
 *     loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 * }
 * census.assertNothingLeft();
 * }
 */
public final class Census implements LoopObserver {
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final int SHOWN_MAX = 20;
    private static final String OUR_THREADS = "parley-";

    /** The threads of a pool that belongs to the process, and that end a while after their last work. */
    private static final String OF_THE_PROCESS = "parley-handshakes";

    static {
        // With the first channel, the JDK opens a socket of its own, and keeps it open.
        try (var first = SocketChannel.open()) {
            first.configureBlocking(false);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Set<String> descriptorsBefore = descriptors();
    private final Set<Thread> threadsBefore = threads();
    private final List<EventLoop> loops = new CopyOnWriteArrayList<>();
    private final Set<Long> open = ConcurrentHashMap.newKeySet();
    private final Set<Long> started = ConcurrentHashMap.newKeySet();
    private final Map<Long, CloseReason> closed = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final List<String> reloads = new CopyOnWriteArrayList<>();
    private final List<Failure> failures = new CopyOnWriteArrayList<>();

    /** Makes a census. It counts everything that is opened from now on. */
    public Census() {}

    /**
     * Counts the buffers of this loop too.
     *
     * @param loop a loop with this census as its observer
     * @return the same loop
     */
    public EventLoop watch(EventLoop loop) {
        loops.add(loop);
        return loop;
    }

    /**
     * Starts a loop with this census as its observer, and counts its buffers.
     *
     * @param settings the loop's settings; this method sets their observer to this census
     * @return the loop, which the test closes
     */
    public EventLoop startLoop(EventLoop.Builder settings) {
        return watch(settings.observer(this).start());
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        begin(connection);
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        if (!open.contains(connection.id())) {
            begin(connection);
        }
    }

    private void begin(ConnectionInfo connection) {
        if (!started.add(connection.id())) {
            problems.add("connection " + connection.id() + " began twice");
        }
        open.add(connection.id());
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        open.remove(connection.id());
        started.add(connection.id()); // if the host name was not resolved, this is the connection's first event
        CloseReason before = closed.putIfAbsent(connection.id(), reason);
        if (before != null) {
            problems.add("connection " + connection.id() + " closed twice: " + before + " and " + reason);
        }
    }

    @Override
    public void warned(String message) {
        warnings.add(message);
    }

    @Override
    public void reloaded(String message) {
        reloads.add(message);
    }

    @Override
    public void failed(String where, Throwable cause) {
        failures.add(new Failure(where, cause));
    }

    @Override
    public boolean seesTraffic() {
        return false;
    }

    /** {@return the warnings so far, as a live view, to which later warnings are added} */
    public List<String> warnings() {
        return warnings;
    }

    /** {@return what was said of changed files of TLS that have come into use, as a live view} */
    public List<String> reloads() {
        return reloads;
    }

    /**
     * {@return the failures so far} This method also removes them. So if a test expects failures, they do not make
     * {@link #assertNothingLeft} fail.
     */
    public List<String> takeFailures() {
        return takeAll().stream().map(Failure::text).toList();
    }

    private List<Failure> takeAll() {
        var taken = List.copyOf(failures);
        failures.removeAll(taken);
        return taken;
    }

    /**
     * Adds the failures so far to the exception that a test threw, since they often are its cause. For example, the
     * failure has the exception of a handler, while the test only saw the error {@code internal}. Each failure becomes
     * a suppressed exception with the stack trace of the original exception, so that the test's report shows the line
     * in the handler. This method also removes the failures, like {@link #takeFailures}.
     *
     * @param failed the exception that the test threw
     */
    public void addFailuresTo(Throwable failed) {
        takeAll().forEach(failure -> failed.addSuppressed(failure.asError()));
    }

    /** {@return the number of open connections} */
    public int open() {
        return open.size();
    }

    /** {@return the number of connections that closed for each reason; a reason without connections is absent} */
    public Map<CloseReason, Long> closedByReason() {
        var counts = new TreeMap<CloseReason, Long>();
        closed.values().forEach(reason -> counts.merge(reason, 1L, Long::sum));
        return counts;
    }

    /**
     * Waits until this connection is closed.
     *
     * @param connection a connection of a loop with this census as its observer
     * @return the reason why the connection closed
     * @throws AssertionError if the connection is still open after a minute
     */
    public CloseReason awaitClosed(ConnectionInfo connection) {
        Await.until("connection " + connection.id() + " is closed", () -> closed.containsKey(connection.id()));
        return Objects.requireNonNull(closed.get(connection.id()));
    }

    /**
     * Asserts that everything is as it was before the test. Waits up to 2 s until it is.
     *
     * @throws AssertionError if something is left; the message lists up to 20 things
     */
    public void assertNothingLeft() {
        Await.within(SETTLE, () -> left().isEmpty());
        List<String> left = left();
        if (!left.isEmpty()) {
            String more = left.size() > SHOWN_MAX ? " and " + (left.size() - SHOWN_MAX) + " more" : "";
            var failed = new AssertionError(
                    "left behind: " + left.stream().limit(SHOWN_MAX).collect(Collectors.joining("; ")) + more);
            failures.stream().limit(SHOWN_MAX).forEach(failure -> failed.addSuppressed(failure.asError()));
            throw failed;
        }
    }

    private List<String> left() {
        var left = new ArrayList<>(problems);
        failures.forEach(failure -> left.add("failed: " + failure.text()));
        for (EventLoop loop : loops) {
            if (loop.buffersLent() != 0) {
                left.add(loop.buffersLent() + " buffers of " + loop);
            }
        }
        if (started.size() != open.size() + closed.size() || !open.isEmpty()) {
            left.add("connections: " + started.size() + " begun, " + open.size() + " open, closed " + closedByReason());
        }
        Set<Thread> threads = threads();
        threads.removeAll(threadsBefore);
        threads.forEach(thread -> left.add("thread " + thread.getName()));
        Set<String> descriptors = descriptors();
        descriptors.removeAll(descriptorsBefore);
        descriptors.forEach(descriptor -> left.add("descriptor " + descriptor));
        return left;
    }

    private static Set<Thread> threads() {
        var ours = ConcurrentHashMap.<Thread>newKeySet();
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(OUR_THREADS))
                .filter(thread -> !thread.getName().equals(OF_THE_PROCESS))
                .forEach(ours::add);
        return ours;
    }

    /**
     * Returns the descriptors of sockets, and of the eventfd that each selector has. Other descriptors are not counted,
     * since the JVM may open files of its own at any time, and an epoll for its virtual threads. Returns an empty set
     * on other systems than Linux.
     */
    private static Set<String> descriptors() {
        var found = ConcurrentHashMap.<String>newKeySet();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : all) {
                describe(descriptor, found);
            }
        } catch (IOException notLinux) {
            return found;
        }
        return found;
    }

    private static void describe(Path descriptor, Set<String> found) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            if (target.startsWith("socket:") || target.contains("eventfd")) {
                found.add(descriptor.getFileName() + " " + target);
            }
        } catch (IOException closedMeanwhile) {
            return;
        }
    }
}
