package dev.parley.net;

import dev.parley.net.core.LoopThread;
import dev.parley.net.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A listener accepts blocking connections, as the tutorial's echo server does. {@link #serve} runs a virtual thread for
 * each connection. Any thread may call any method. But on the thread of a loop, {@link #accept} and {@link #serve}
 * throw {@link IllegalStateException}, and {@link #close} does not wait.
 *
 * {@snippet :
 * try (var listener = Listener.open("tcp://localhost:65432")) {
 *     listener.serve(connection -> connection.in().transferTo(connection.out()));
 * }
 * }
 */
public final class Listener implements AutoCloseable {
    /**
     * A handler serves each connection on a virtual thread of its own, and may block. One handler serves many
     * connections at the same time.
     *
     * {@snippet :
     * Listener.Handler echo = connection -> connection.in().transferTo(connection.out());
     * }
     */
    @FunctionalInterface
    public interface Handler {
        /**
         * Serves one connection, which is closed when this method returns.
         *
         * @param connection the connection, which is open, and which only this call uses
         * @throws Exception if anything goes wrong. If the connection is still open, it is then closed with {@link
         *     CloseReason#FAILED}. No other connection notices it
         */
        void serve(Connection connection) throws Exception;
    }

    /**
     * The maximum number of accepted connections that wait for {@link #accept}. From this number on, new connections
     * stay in the system's backlog until fewer than half as many wait.
     */
    private static final int WAITING_MAX = 1024;

    private static final Duration HANDLERS_END_WITHIN = Duration.ofSeconds(5);

    private static final Duration AFTER_INTERRUPT = Duration.ofMillis(100);

    private final EventLoop loop;
    private final boolean ownsLoop;
    private final LoopListener core;

    /**
     * The connections that no thread has taken yet. An empty element means that the listener is closed; it stays in the
     * queue, for all threads that wait.
     */
    private final BlockingQueue<Optional<Connection>> waiting = new LinkedBlockingQueue<>();

    private final Map<Connection, Thread> handlers = new ConcurrentHashMap<>();
    private volatile boolean paused;
    private volatile boolean closed;

    private Listener(EventLoop loop, boolean ownsLoop, Address address) throws BindFailedException {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.core = LoopListener.open(loop, address, null, core -> Connection.accepted(core, this::opened));
        if (!loop.tryExecute(() -> core.whenStopped(this::nobodyElseComes))) {
            nobodyElseComes();
        }
    }

    /**
     * Listens on an address; see {@link #open(Address)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @return the bound listener, which the caller must close
     * @throws BindFailedException if the address cannot be bound; the message says which process holds it, if this can
     *     be found out
     * @throws AddressException if the text is not an address
     */
    public static Listener open(String address) throws BindFailedException {
        return open(Address.parse(address));
    }

    /**
     * Listens on an address, on a new loop of its own with default settings.
     *
     * @param address the address to listen on; port 0, or an empty {@code mem:} name, stands for a free one, which
     *     {@link #address} returns
     * @return the bound listener, which the caller must close
     * @throws BindFailedException if the address cannot be bound
     * @throws java.io.UncheckedIOException if the system gives the loop no selector
     */
    public static Listener open(Address address) throws BindFailedException {
        return open(EventLoop.builder().transport(SharedLoops.transportFor(address)), address);
    }

    /**
     * Listens on an address, on a new loop of its own with these settings.
     *
     * @param settings the settings of the loop; their transport must support such addresses
     * @param address as in {@link #open(Address)}
     * @return the bound listener, which the caller must close
     * @throws BindFailedException if the address cannot be bound
     * @throws AddressException if the transport does not support such addresses
     * @throws java.io.UncheckedIOException if the system gives the loop no selector
     */
    public static Listener open(EventLoop.Builder settings, Address address) throws BindFailedException {
        EventLoop loop = settings.start();
        try {
            return new Listener(loop, true, address);
        } catch (BindFailedException | RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /**
     * Listens on an address, on a loop that the caller owns, and that stays open after {@link #close}.
     *
     * @param loop the loop, whose transport must support such addresses
     * @param address as in {@link #open(Address)}
     * @return the bound listener, which the caller must close
     * @throws BindFailedException if the address cannot be bound
     * @throws AddressException if the transport does not support such addresses
     * @throws IllegalStateException if the loop is closed
     */
    public static Listener open(EventLoop loop, Address address) throws BindFailedException {
        return new Listener(loop, false, address);
    }

    /** Keeps an open connection for {@link #accept}. Called on the loop's thread. */
    private void opened(Connection connection) {
        Optional<Connection> element = Optional.of(connection);
        waiting.add(element);
        if (closed && waiting.remove(element)) {
            connection.close(); // close() may have looked before it was there
            return;
        }
        if (waiting.size() >= WAITING_MAX) {
            paused = true;
            core.pauseAccepting();
            // Threads took these connections before they saw that accepting is paused, so they have not resumed it.
            if (waiting.size() < WAITING_MAX / 2) {
                paused = false;
                core.resumeAccepting();
            }
        }
    }

    /**
     * Makes {@link #accept} throw. Called when the listener stops, also if its loop ends before the listener is closed.
     */
    private void nobodyElseComes() {
        waiting.add(Optional.empty());
    }

    /** {@return the address that the caller asked for; if its port is 0, with the real port instead} */
    public Address address() {
        return core.address();
    }

    /**
     * {@return each address that is bound, as an IP address with its real port; for {@code localhost}, these are two}
     */
    public List<Address> addresses() {
        return core.addresses();
    }

    /**
     * Waits for the next connection. Up to 1,024 accepted connections wait to be taken by this method; further
     * connections wait in the system's backlog (listen(2)).
     *
     * @return the open connection, which the caller must close
     * @throws IOException if the listener is closed, or is closed while this method waits
     * @throws InterruptedException if the caller was interrupted; the listener stays open
     * @throws IllegalStateException on the thread of a loop
     */
    public Connection accept() throws IOException, InterruptedException {
        return take().orElseThrow(() -> new IOException("the listener on " + address() + " is closed"));
    }

    private Optional<Connection> take() throws InterruptedException {
        EventLoop.checkMayBlock("accepting", "use loop.listen(…) here, or another thread");
        Optional<Connection> next = waiting.take();
        if (next.isEmpty()) {
            waiting.add(next);
        } else if (paused && waiting.size() < WAITING_MAX / 2) {
            paused = false;
            loop.tryExecute(core::resumeAccepting);
        }
        return next;
    }

    /**
     * Accepts connections until the listener is closed. For each connection, it runs the handler on a virtual thread of
     * its own, whose name is {@code parley-connection-} and the connection's number. A connection is closed when its
     * handler returns.
     *
     * @param handler called by many threads at the same time; an exception that it throws ends only its own connection
     * @throws InterruptedException if the calling thread is interrupted; the listener stays open
     * @throws IllegalStateException on the thread of a loop
     */
    public void serve(Handler handler) throws InterruptedException {
        for (Optional<Connection> next = take(); next.isPresent(); next = take()) {
            Connection connection = next.get();
            Thread.ofVirtual()
                    .name("parley-connection-" + connection.info().id())
                    .start(() -> run(handler, connection));
        }
    }

    private void run(Handler handler, Connection connection) {
        handlers.put(connection, Thread.currentThread());
        try {
            if (!closed) {
                handler.serve(connection);
            }
            connection.close();
        } catch (Throwable thrown) {
            // If the peer or a timeout ended the connection, the observer already knows the close reason.
            boolean goodbye = thrown instanceof ConnectionClosedException && connection.isOver();
            if (goodbye) {
                connection.close();
            } else {
                failed(connection, thrown);
            }
        } finally {
            handlers.remove(connection);
        }
    }

    private void failed(Connection connection, Throwable thrown) {
        if (!closed) {
            loop.observer().failed("the handler of " + connection + " threw", thrown);
        }
        connection.abort(CloseReason.FAILED, thrown);
    }

    /**
     * Stops listening, and closes the connections that {@link #serve} runs, and those that were not taken yet. Unless
     * the caller is the thread of a loop, it then waits for the handlers, and interrupts them if they have not ended
     * within 5 s. If the loop is the listener's own, it is closed last, which also closes the connections that were
     * taken with {@link #accept}; otherwise these connections stay open. Calling this method twice is harmless.
     */
    @Override
    public void close() {
        closed = true;
        core.close();
        for (Optional<Connection> next = waiting.poll(); next != null; next = waiting.poll()) {
            next.ifPresent(Connection::close);
        }
        nobodyElseComes();
        handlers.keySet().forEach(Connection::close);
        if (LoopThread.mayBlock()) {
            awaitHandlers();
        }
        if (ownsLoop) {
            loop.close();
        }
    }

    private void awaitHandlers() {
        List<Thread> others = handlers.values().stream()
                .filter(thread -> thread != Thread.currentThread())
                .toList();
        try {
            if (!endWithin(HANDLERS_END_WITHIN, others)) {
                others.stream().filter(Thread::isAlive).forEach(Thread::interrupt);
                endWithin(AFTER_INTERRUPT, others);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for all the threads, for this time in all. Returns true if they have ended. */
    static boolean endWithin(Duration time, List<Thread> threads) throws InterruptedException {
        long endNanos = Ticker.SYSTEM.nanos() + time.toNanos();
        boolean haveEnded = true;
        for (Thread thread : threads) {
            haveEnded &= thread.join(Duration.ofNanos(endNanos - Ticker.SYSTEM.nanos()));
        }
        return haveEnded;
    }
}
