package dev.parley.tests.contract;

import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One end on an event loop: its receiver collects the bytes that arrive, and the test's calls are handed over. */
final class LoopPeer implements TestPeer, Receiver {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int taken;
    private volatile boolean ended;
    private volatile @Nullable CloseReason closed;
    private volatile @Nullable LoopConnection connection;
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger ends = new AtomicInteger();
    final AtomicInteger drained = new AtomicInteger();

    @Override
    public void opened(LoopConnection of) {
        connection = of;
        opened.incrementAndGet();
    }

    @Override
    public synchronized void bytes(LoopConnection from, ByteBuffer bytes) {
        if (!bytes.isReadOnly()) {
            throw new IllegalStateException("the receiver can change the bytes of the transport");
        }
        var copy = new byte[bytes.remaining()];
        bytes.get(copy);
        received.writeBytes(copy);
    }

    /** Stays half-closed, like a stream, until the test closes. */
    @Override
    public void ended(LoopConnection of) {
        ends.incrementAndGet();
        ended = true;
    }

    @Override
    public void writable(LoopConnection of) {
        drained.incrementAndGet();
    }

    @Override
    public void closed(LoopConnection of, CloseReason reason) {
        connection = of;
        closed = reason;
    }

    LoopConnection connection() {
        LoopConnection current = connection;
        if (current == null) {
            throw new IllegalStateException("not opened yet");
        }
        return current;
    }

    LoopPeer awaitOpened() throws IOException {
        Await.until("the connection is open", () -> connection != null);
        if (closed != null && opened.get() == 0 && connection().closeCause() instanceof IOException cause) {
            throw cause;
        }
        return this;
    }

    @Override
    public ConnectionInfo info() {
        return connection();
    }

    /** Runs on the loop and brings the answer, or what was thrown, back. */
    <T> T onLoop(Supplier<T> action) {
        var done = new CompletableFuture<T>();
        connection().loop().execute(() -> {
            try {
                done.complete(action.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            return done.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(Consumer<LoopConnection> action) {
        onLoop(() -> {
            action.accept(connection());
            return true;
        });
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        boolean open = onLoop(() -> {
            connection().send(bytes);
            return connection().closeReason() == null;
        });
        if (!open) {
            throw new IOException("closed");
        }
    }

    @Override
    public Future<?> sendInBackground(byte[] bytes) {
        var done = new CompletableFuture<Boolean>();
        connection().loop().execute(() -> done.complete(connection().send(bytes)));
        return done;
    }

    private synchronized int available() {
        return received.size() - taken;
    }

    @Override
    public byte[] receive(int count) throws IOException {
        Await.until(count + " bytes arrive", () -> available() >= count || ended || closed != null);
        synchronized (this) {
            if (available() < count) {
                throw new EOFException("only " + available() + " of " + count + " bytes, closed " + closed);
            }
            byte[] bytes = Arrays.copyOfRange(received.toByteArray(), taken, taken + count);
            taken += count;
            return bytes;
        }
    }

    @Override
    public byte[] receiveToEnd() throws IOException {
        Await.until("the peer ends", () -> ended || closed != null);
        if (!ended) {
            throw new IOException("closed: " + closed);
        }
        return receive(available());
    }

    /** Returns all bytes that have arrived by now. */
    byte[] receiveAll() throws IOException {
        return receive(available());
    }

    @Override
    public void pause() {
        run(LoopConnection::pauseReading);
    }

    @Override
    public void resume() {
        run(LoopConnection::resumeReading);
    }

    @Override
    public void shutdownOutput() {
        run(LoopConnection::shutdownOutput);
    }

    @Override
    public void close() {
        run(LoopConnection::close);
    }

    @Override
    public void reset() {
        run(LoopConnection::reset);
    }
}
