package dev.parley.net;

import dev.parley.net.core.LoopThread;
import dev.parley.net.text.SafeText;
import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as two blocking streams, {@link #in} and {@link #out}, for virtual threads. An event loop moves the
 * bytes, so the loop's limits and timeouts apply: the connection closes if no byte is sent or received for {@link
 * Limits#idleTimeout}, or if the peer takes none of our bytes for {@link Limits#writeTimeout}.
 *
 * {@snippet :
 * try (var connection = Connection.connect("tcp://localhost:65432")) {
 *     connection.out().write("Hello, world".getBytes(StandardCharsets.UTF_8));
 *     connection.shutdownOutput(); // the server reads the end, and ends too
 *     String answer = new String(connection.in().readAllBytes(), StandardCharsets.UTF_8);
 *     System.out.println(answer);
 * }
 * }
 *
 * <p>A stream has no messages (RFC 9293, section 2.2): the bytes of one write may arrive in pieces, and the bytes of
 * several writes may arrive together.
 *
 * <p>One thread may read while another writes; further threads wait their turn. Connecting, reading and writing throw
 * {@link IllegalStateException} on the thread of a loop, where waiting would hold up all connections of that loop.
 */
public final class Connection implements AutoCloseable {
    private final LoopConnection core;
    private final DirectWrites directWrites;
    private final EventLoop loop;
    private final Consumer<Connection> whenOpened;
    private final Runnable whenClosed;
    private final ReceivedBytes received;

    /** The lock of the thread that writes. The loop's thread never takes it. */
    private final ReentrantLock writing = new ReentrantLock();

    private final BooleanSupplier isOver = this::mayWriteNoMore;

    /** True if an interrupt has ended a write before all its bytes were taken. */
    private volatile boolean cutOff;

    private final Waiter writable = new Waiter(this::mayWrite);
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
        this.directWrites = core.output().beginDirectWrites();
        this.loop = core.loop();
        this.whenOpened = whenOpened;
        this.whenClosed = whenClosed;
        this.received = new ReceivedBytes(core);
        this.in = new ConnectionInput(this, received);
        this.out = new ConnectionOutput(this);
    }

    /**
     * Creates the view of an accepted connection, and returns its receiver. When the connection is open, {@code
     * whenOpened} is called with the view. Called on the loop's thread.
     */
    static Receiver accepted(LoopConnection core, Consumer<Connection> whenOpened) {
        return new Connection(core, whenOpened, () -> {}).receiver();
    }

    /**
     * Connects to an address; see {@link #connect(Address)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @return the connection, open; the caller closes it
     * @throws ConnectFailedException if no address of the peer accepted the connection; the exception says what was
     *     tried
     * @throws AddressException if the text is not an address, or it is not possible to connect to that address
     * @throws IOException if the system gives the process no selector, or the caller was interrupted
     */
    public static Connection connect(String address) throws IOException {
        return connect(Address.parse(address));
    }

    /**
     * Connects, and waits until the connection is open, for at most {@link Limits#connectTimeout} (10 s). If a host
     * name has several IP addresses, they race; see {@link EventLoop#connect(Address, Receiver)}. All connections that
     * this method opens over the same transport share one loop, which ends when the last of them closes.
     *
     * @param address any address except {@code *} and port 0
     * @return the connection, open; the caller closes it
     * @throws ConnectFailedException if no address of the peer accepted the connection; the exception says what was
     *     tried
     * @throws AddressException if it is not possible to connect to such an address
     * @throws InterruptedIOException if the caller was interrupted; its flag stays set, and the connect is given up
     * @throws IllegalStateException on the thread of a loop
     * @throws IOException if the system gives the process no selector
     */
    public static Connection connect(Address address) throws IOException {
        ConnectRace.check(address, SharedLoops.transportFor(address));
        checkMayConnect();
        EventLoop loop = SharedLoops.acquire(address);
        try {
            return connect(loop, address, () -> SharedLoops.release(loop));
        } catch (RejectedExecutionException broken) {
            SharedLoops.release(loop);
            throw new IOException("cannot connect to " + address + ": its loop has ended", broken);
        }
    }

    /**
     * Connects on a loop that the caller owns, with that loop's limits; see {@link #connect(Address)}.
     *
     * @param loop the loop, which stays open after {@link #close}
     * @param address an address that the loop's transport supports
     * @return the connection, open; the caller closes it
     * @throws ConnectFailedException if no address of the peer accepted the connection
     * @throws ConnectionClosedException if the loop was closed while this call waited
     * @throws AddressException if it is not possible to connect to such an address, or this loop's transport does not
     *     support it
     * @throws InterruptedIOException if the caller was interrupted; its flag stays set, and the connect is given up
     * @throws IllegalStateException on the thread of a loop
     * @throws RejectedExecutionException if the loop is closed
     * @throws IOException only as one of the subclasses above
     */
    public static Connection connect(EventLoop loop, Address address) throws IOException {
        ConnectRace.check(address, loop.transport());
        return connect(loop, address, () -> {});
    }

    private static Connection connect(EventLoop loop, Address address, Runnable whenClosed) throws IOException {
        checkMayConnect();
        LoopConnection core = LoopConnection.connecting(loop, address, null, LoopConnection.NO_RECEIVER);
        var connection = new Connection(core, opened -> {}, whenClosed);
        core.firstReceiver(connection.receiver());
        if (!core.sink().tryExecute(core::startConnecting)) {
            throw loop.core().closedException();
        }
        connection.awaitOpened();
        CloseReason reason = connection.closeReason;
        if (reason != null && core.closeCause() instanceof ConnectFailedException failed) {
            throw failed;
        }
        if (reason != null) {
            throw DirectWrites.closedException(core, null);
        }
        return connection;
    }

    private static void checkMayConnect() {
        EventLoop.checkMayBlock("a blocking connect", "use loop.connect(…) here, or a virtual thread");
    }

    private void awaitOpened() throws IOException {
        try {
            opened.await();
        } catch (InterruptedException e) {
            core.sink().tryExecute(core::close);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting to " + SafeText.line(core.peerAddress()));
        }
    }

    /**
     * {@return the stream of the bytes that the peer sends; reading returns -1 at the end of the peer's stream} Bytes
     * that arrived before a reset or a timeout are read first; then reading throws {@link ConnectionClosedException},
     * which names the reason. After our own {@link #close}, reading throws this exception at once. If a thread is
     * interrupted while it waits, reading throws {@link InterruptedIOException}; the thread's interrupt flag stays set,
     * and no bytes are lost. Closing the stream closes the connection.
     */
    public InputStream in() {
        return in;
    }

    /**
     * {@return the stream of the bytes that go to the peer} A write returns when the system has taken all bytes, so a
     * slow peer holds up the thread that writes to it, and no other thread. The stream buffers nothing, so there is
     * nothing to flush. A write throws {@link ConnectionClosedException} when the connection is closed, {@link
     * IOException} after {@link #shutdownOutput}, and {@link InterruptedIOException} when its thread is interrupted
     * while it waits; in this case a part of the bytes may be on their way, and so each later write throws {@link
     * IOException}. Closing the stream ends our direction; if a write was cut off, it closes the connection abruptly.
     */
    public OutputStream out() {
        return out;
    }

    /** {@return the connection's addresses and its state; any thread may call this} */
    public ConnectionInfo info() {
        return core;
    }

    /**
     * Ends our direction: the peer reads the end of the stream, and we may go on reading (RFC 9293, section 3.6;
     * shutdown(2)). If this cuts off a write, a TCP peer gets a reset instead. This method does not wait. Calling it
     * twice is harmless. Any thread may call it.
     */
    public void shutdownOutput() {
        outputEnded = true;
        core.sink().tryExecute(core::shutdownOutput);
    }

    /**
     * Closes the connection. This method waits until the loop has closed the connection, and an interrupt does not end
     * the wait. But on the thread of a loop, this method does not wait. A thread that reads or writes gets a {@link
     * ConnectionClosedException}.
     *
     * <p>If the peer has sent bytes that were not read, our last bytes still reach the peer (see {@link
     * LoopConnection#close()}); this goes on after {@code close} has returned. If this close cuts off a write
     * that waits for the peer, or if an interrupt has cut off an earlier write, a TCP peer gets a reset. The reset
     * keeps the peer from taking a part of the bytes for all of them.
     *
     * <p>Calling this method twice is harmless. Any thread may call it.
     */
    @Override
    public void close() {
        stopWaiting();
        if (core.sink().tryExecute(this::closeOnLoop) && !directWrites.areOfThisThread()) {
            awaitReleased();
        }
    }

    /**
     * Closes on the loop's thread. If the peer has sent bytes that were not read, or may still send some, the close
     * lingers: after a plain close, such bytes would cause a reset, which destroys our own last bytes on their way. A
     * server does not know what else its client sends. So an accepted connection lingers, unless its peer has ended its
     * direction. A connection over TLS lingers too, because a server sends tickets when it has finished the handshake,
     * which may be after a quick client has said all.
     */
    private void closeOnLoop() {
        if (directWrites.putsOff(this::closeOnLoop)) {
            return; // whether it is cut off is known when it has returned
        }
        try {
            if (directWrites.isUnfinished()) {
                core.abort(core.input().closer(), null);
            } else if (!received.isEmpty() || core.accepted() || peerSendsUnasked() || mayHaveBytes()) {
                core.close(core.input().closer());
            } else {
                core.closeWithoutLingering(core.input().closer());
            }
        } finally {
            dropUnread();
            // A lingering close is not complete yet: the loop finishes it after close() has returned.
            released.countDown();
        }
    }

    /** Drops the received bytes, which no thread will read any more. Called on the loop's thread. */
    private void dropUnread() {
        received.drop();
        core.heldBytesChanged();
    }

    private boolean peerSendsUnasked() {
        Channel channel = core.openChannel();
        return channel != null && channel.peerSendsUnasked();
    }

    /**
     * Returns true if the kernel may have received bytes. Called after the other checks, because it reads bytes from
     * the channel and drops them.
     */
    private boolean mayHaveBytes() {
        return core.state() != ConnectionState.CONNECTING && core.input().kernelHasBytes();
    }

    /** Makes a thread that waits in a read or a write throw its exception now. */
    private void stopWaiting() {
        closedHere = true;
        received.stopReading();
        writable.signal();
    }

    /**
     * Closes abruptly: a TCP peer gets a reset (RFC 9293, section 3.5.2), and our bytes on their way are lost. Any
     * thread may call this method.
     */
    public void reset() {
        abort(CloseReason.LOCAL, null);
    }

    void abort(CloseReason reason, @Nullable Throwable cause) {
        stopWaiting();
        if (core.sink().tryExecute(() -> abortOnLoop(reason, cause))) {
            awaitReleased();
        }
    }

    private void abortOnLoop(CloseReason reason, @Nullable Throwable cause) {
        core.abort(reason, cause);
        dropUnread();
    }

    private void awaitReleased() {
        if (!LoopThread.mayBlock()) {
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

    /**
     * Returns true if either side closed the connection, or it is broken. An exception that a handler then throws is
     * not the handler's fault.
     */
    boolean isOver() {
        return closedHere || closeReason != null || broken || core.closeReason() != null;
    }

    ConnectionClosedException closedException() {
        return DirectWrites.closedException(core, null);
    }

    /** Writes all bytes on the caller's thread. The loop is involved only if the system takes no more bytes for now. */
    void write(ByteBuffer bytes) throws IOException {
        EventLoop.checkMayBlock("a blocking write", "use a LoopConnection here, or a virtual thread");
        writing.lock();
        try {
            while (bytes.hasRemaining()) {
                if (closedHere || isClosed()) {
                    throw closedException();
                }
                if (outputEnded) {
                    throw afterShutdown();
                }
                if (cutOff) {
                    throw new IOException("an interrupt has cut off an earlier write to "
                            + SafeText.line(core.peerAddress()) + ", so nothing can follow it");
                }
                writeSome(bytes);
                if (bytes.hasRemaining() && !outputEnded) {
                    awaitWritable();
                }
            }
        } finally {
            writing.unlock();
        }
    }

    private void writeSome(ByteBuffer bytes) throws IOException {
        try {
            directWrites.write(bytes, isOver);
        } catch (ConnectionClosedException e) {
            throw e;
        } catch (IOException e) {
            if (outputEnded && !closedHere) {
                throw afterShutdown();
            }
            if (closedHere || core.closeReason() != null) {
                throw DirectWrites.closedException(core, e);
            }
            broken = true;
            core.sink().tryExecute(() -> core.breakage().ofDirectWrite(e));
            throw ConnectionClosedException.of(core, CloseReason.RESET, loop.limits(), e);
        }
    }

    private IOException afterShutdown() {
        return new IOException(
                "write after shutdownOutput on the connection with " + SafeText.line(core.peerAddress()));
    }

    private void awaitWritable() throws IOException {
        systemTakes = false;
        if (!core.sink().tryExecute(core::notifyWhenWritable)) {
            throw closedException();
        }
        try {
            writable.await("write to " + SafeText.line(core.peerAddress()));
        } catch (InterruptedIOException e) {
            cutOff = true;
            throw e;
        }
    }

    private boolean mayWriteNoMore() {
        return closedHere || outputEnded;
    }

    private boolean mayWrite() {
        return systemTakes || closedHere || closeReason != null;
    }

    /** Returns the receiver that the loop calls for this view. The loop calls all its methods on the loop's thread. */
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
            public long heldBytes(LoopConnection connection) {
                return received.heldBytes();
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
