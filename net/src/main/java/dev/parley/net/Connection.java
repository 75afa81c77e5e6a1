package dev.parley.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as two blocking streams, for virtual threads: {@link #in} and {@link #out}. It is a view of a loop's
 * connection, so the loop's limits and timeouts hold: a peer that sends nothing ends it after
 * {@link Limits#idleTimeout}, one that takes nothing after {@link Limits#writeTimeout}.
 *
 * <p>One thread may read while another writes; further ones wait their turn. Not for the loop's own thread.
 */
public final class Connection implements AutoCloseable {
    private final LoopConnection core;
    private final EventLoop loop;
    private final Consumer<Connection> whenOpened;
    private final Runnable whenClosed;
    private final ReceivedBytes received;

    /** Held by the thread that writes; the loop never takes it. */
    private final ReentrantLock writing = new ReentrantLock();

    private final Parking writable = new Parking(this::mayWrite);
    private volatile boolean systemTakes;
    private volatile boolean outputEnded;
    private volatile boolean closedHere;
    private volatile boolean broken;
    private volatile @Nullable CloseReason closeReason;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private final InputStream in;
    private final OutputStream out;

    private Connection(LoopConnection core, Consumer<Connection> whenOpened, Runnable whenClosed) {
        this.core = core;
        this.loop = core.loop();
        this.whenOpened = whenOpened;
        this.whenClosed = whenClosed;
        this.received = new ReceivedBytes(core);
        this.in = new ConnectionInput(this, received);
        this.out = new ConnectionOutput(this);
    }

    /** The view of an accepted connection, handed on when it is open; the loop's thread. */
    static Receiver accepted(LoopConnection core, Consumer<Connection> whenOpened) {
        return new Connection(core, whenOpened, () -> {}).receiver();
    }

    /** Connects to an address; see {@link #connect(Address)}. */
    public static Connection connect(String address) throws IOException {
        return connect(Address.parse(address));
    }

    /**
     * Connects, trying every address of a name in turn, within {@link Limits#connectTimeout}; on a loop that all such
     * connections of the process share and that ends with the last of them.
     *
     * @throws ConnectFailedException when no address took it; it says what was tried
     * @throws AddressException when nobody can connect to such an address
     */
    public static Connection connect(Address address) throws IOException {
        Connecting.check(address, SharedLoops.transportFor(address));
        EventLoop loop = SharedLoops.acquire(address);
        try {
            return connect(loop, address, () -> SharedLoops.release(loop));
        } catch (RejectedExecutionException broken) {
            SharedLoops.release(loop);
            throw new IOException("cannot connect to " + address + ": its loop has ended", broken);
        }
    }

    /** Connects on a loop of the caller's. */
    public static Connection connect(EventLoop loop, Address address) throws IOException {
        Connecting.check(address, loop.transport());
        return connect(loop, address, () -> {});
    }

    private static Connection connect(EventLoop loop, Address address, Runnable whenClosed) throws IOException {
        if (loop.isCurrent()) {
            throw new IllegalStateException("a blocking connect on the loop's own thread would wait for itself");
        }
        LoopConnection core = LoopConnection.connecting(loop, address, IgnoringReceiver.INSTANCE);
        var connection = new Connection(core, opened -> {}, whenClosed);
        core.firstReceiver(connection.receiver());
        loop.execute(core::startConnecting);
        connection.awaitOpened();
        CloseReason reason = connection.closeReason;
        if (reason != null && core.closeCause() instanceof ConnectFailedException failed) {
            throw failed;
        }
        if (reason != null) {
            throw core.closedException(null);
        }
        return connection;
    }

    private void awaitOpened() throws IOException {
        try {
            opened.await();
        } catch (InterruptedException e) {
            loop.tryExecute(core::close);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting to " + core.peerAddress());
        }
    }

    /** What the peer sends; -1 at its end of stream. Reading after a reset throws {@link ConnectionClosedException}. */
    public InputStream in() {
        return in;
    }

    /**
     * What goes to the peer; a write returns when the system has taken all bytes, so a slow peer holds back its sender
     * and nobody else. Closing it ends our direction.
     */
    public OutputStream out() {
        return out;
    }

    /** Who it is and how it stands. */
    public ConnectionInfo info() {
        return core;
    }

    /** Ends our direction: the peer reads the end of the stream; we may go on reading. Twice is harmless. */
    public void shutdownOutput() {
        outputEnded = true;
        loop.tryExecute(core::shutdownOutput);
    }

    /**
     * Closes; a thread that reads or writes gets a {@link ConnectionClosedException}. Where the peer has sent bytes
     * that nobody read, our last bytes still reach it: see {@link LoopConnection#closeLingering}. Twice is harmless.
     */
    @Override
    public void close() {
        stopWaiting();
        if (loop.tryExecute(this::closeOnLoop)) {
            awaitReleased();
        }
    }

    private void closeOnLoop() {
        core.closeFromView(!received.isEmpty());
        released.countDown(); // a close that lingers is seen off by the loop
    }

    /** Whoever reads or writes gets its exception now. */
    private void stopWaiting() {
        closedHere = true;
        received.stopReading();
        writable.signal();
    }

    /** Closes abruptly: a TCP peer gets a reset. */
    public void reset() {
        abort(CloseReason.LOCAL, null);
    }

    void abort(CloseReason reason, @Nullable Throwable cause) {
        stopWaiting();
        if (loop.tryExecute(() -> core.abort(reason, cause))) {
            awaitReleased();
        }
    }

    private void awaitReleased() {
        if (loop.isCurrent()) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                released.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isClosedHere() {
        return closedHere;
    }

    boolean isClosed() {
        return closeReason != null;
    }

    /** Closed by either side, or broken: what a handler then meets is no fault of its own. */
    boolean isOver() {
        return closedHere || closeReason != null || broken || core.closeReason() != null;
    }

    ConnectionClosedException closedException() {
        return core.closedException(null);
    }

    /**
     * Writes on the caller's thread: the loop is asked only when the system takes no more.
     */
    void write(ByteBuffer bytes) throws IOException {
        writing.lock();
        try {
            while (bytes.hasRemaining()) {
                if (closedHere || isClosed()) {
                    throw closedException();
                }
                if (outputEnded) {
                    throw afterShutdown();
                }
                writeSome(bytes);
                if (bytes.hasRemaining()) {
                    awaitWritable();
                }
            }
        } finally {
            writing.unlock();
        }
    }

    private void writeSome(ByteBuffer bytes) throws IOException {
        try {
            core.writeDirectly(bytes);
        } catch (ConnectionClosedException e) {
            throw e;
        } catch (IOException e) {
            if (outputEnded && !closedHere) {
                throw afterShutdown();
            }
            if (closedHere || core.closeReason() != null) {
                throw core.closedException(e);
            }
            broken = true;
            loop.tryExecute(() -> core.broke(e));
            throw ConnectionClosedException.of(core, CloseReason.RESET, loop.limits(), e);
        }
    }

    private IOException afterShutdown() {
        return new IOException("write after shutdownOutput on the connection with " + core.peerAddress());
    }

    private void awaitWritable() throws IOException {
        systemTakes = false;
        if (!loop.tryExecute(core::tellWhenWritable)) {
            throw closedException();
        }
        writable.await("write to " + core.peerAddress());
    }

    private boolean mayWrite() {
        return systemTakes || closedHere || closeReason != null;
    }

    /** What the loop tells this view; every method runs on the loop's thread. */
    private Receiver receiver() {
        return new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                opened.countDown();
                whenOpened.accept(Connection.this);
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                received.add(bytes);
            }

            @Override
            public void ended(LoopConnection connection) {
                received.end();
            }

            @Override
            public void writable(LoopConnection connection) {
                systemTakes = true;
                writable.signal();
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                closeReason = reason;
                received.stopReading();
                writable.signal();
                opened.countDown();
                released.countDown();
                whenClosed.run();
            }
        };
    }

    @Override
    public String toString() {
        return core.toString();
    }
}
