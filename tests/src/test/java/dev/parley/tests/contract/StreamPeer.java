package dev.parley.tests.contract;

import dev.parley.net.Connection;
import dev.parley.net.ConnectionInfo;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One end as two blocking streams: the test's calls run on virtual threads, so that each can be bounded. */
final class StreamPeer implements TestPeer {
    private final Connection connection;

    StreamPeer(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    private interface Blocking<T> {
        T run() throws IOException;
    }

    private static <T> CompletableFuture<T> start(Blocking<T> action) {
        var done = new CompletableFuture<T>();
        Thread.ofVirtual().start(() -> {
            try {
                done.complete(action.run());
            } catch (IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static <T> T bounded(Blocking<T> action) throws IOException {
        try {
            return start(action).get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the call did not return", e);
        }
    }

    @Override
    public ConnectionInfo info() {
        return connection.info();
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        bounded(() -> {
            connection.out().write(bytes);
            return true;
        });
    }

    @Override
    public Future<?> sendInBackground(byte[] bytes) {
        return start(() -> {
            connection.out().write(bytes);
            return true;
        });
    }

    @Override
    public byte[] receive(int count) throws IOException {
        byte[] bytes = bounded(() -> connection.in().readNBytes(count));
        if (bytes.length < count) {
            throw new EOFException("only " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    @Override
    public byte[] receiveToEnd() throws IOException {
        return bounded(() -> connection.in().readAllBytes());
    }

    /** Does nothing: a stream pauses if it is not read. */
    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void shutdownOutput() {
        connection.shutdownOutput();
    }

    @Override
    public void close() {
        connection.close();
    }

    @Override
    public void reset() {
        connection.reset();
    }
}
