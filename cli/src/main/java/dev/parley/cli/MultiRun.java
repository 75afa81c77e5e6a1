package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.NetworkError;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One run of the client of iteration 2. First, all connections are made. Then all of them send at once. Each connection
 * is closed when all its bytes have come back. Runs on the loop's thread, except where a comment says otherwise.
 */
final class MultiRun {
    /**
     * The maximum number of connects at the same time. The backlog of any server should have room for them; Python's
     * default is 128.
     */
    private static final int CONNECTING_MAX = 100;

    /**
     * The result of a run.
     *
     * @param failures the number of connections that failed, by the reason
     */
    record Report(
            int connections,
            int complete,
            long sentBytes,
            long receivedBytes,
            Duration elapsed,
            Map<String, Integer> failures,
            int exitCode) {
        int failed() {
            return connections - complete;
        }
    }

    /**
     * The progress of a run.
     *
     * @param open the number of connections that are open now
     * @param ended the number of connections that have ended
     */
    record Progress(int connections, int open, int ended, long receivedBytes) {}

    private final EventLoop loop;
    private final Address address;
    private final int connections;
    private final byte[] payload;
    private final CompletableFuture<Report> report = new CompletableFuture<>();
    private final Map<String, Integer> failures = new TreeMap<>();
    private final List<LoopConnection> ready = new ArrayList<>();
    private final long startNanos = System.nanoTime();
    private boolean isSending;
    private int started;
    private int connecting;
    private int open;
    private int ended;
    private int complete;
    private long sentBytes;
    private long receivedBytes;
    private int exitCode = ExitCode.OK;
    private volatile Progress progress;

    private MultiRun(EventLoop loop, Address address, int connections, byte[] payload) {
        this.loop = loop;
        this.address = address;
        this.connections = connections;
        this.payload = payload;
        progress = new Progress(connections, 0, 0, 0);
    }

    static MultiRun start(EventLoop loop, Address address, int connections, byte[] payload) {
        var run = new MultiRun(loop, address, connections, payload);
        loop.execute(run::connectMore);
        return run;
    }

    Report await() throws Exception {
        return report.get();
    }

    /** Waits for up to this time. Returns true if the run is done. Any thread except the loop's may call this. */
    boolean isDoneWithin(Duration time) throws InterruptedException {
        try {
            report.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException failed) {
            return true;
        }
    }

    /**
     * Returns a recent progress, and asks the loop for a newer one, which a later call returns. Any thread may call
     * this.
     */
    Progress progress() {
        loop.execute(() -> progress = new Progress(connections, open, ended, receivedBytes));
        return progress;
    }

    private void connectMore() {
        while (started < connections && connecting < CONNECTING_MAX) {
            started++;
            connecting++;
            try {
                loop.connect(address, new Echoed());
            } catch (RuntimeException nobodyCan) {
                report.completeExceptionally(nobodyCan);
                return;
            }
        }
        if (connecting == 0 && started == connections) {
            sendOnAll();
        }
    }

    private void sendOnAll() {
        isSending = true;
        for (LoopConnection connection : ready) {
            if (connection.closeReason() == null) {
                connection.send(ByteBuffer.wrap(payload));
                sentBytes += payload.length;
            }
        }
        ready.clear();
        reportIfDone();
    }

    private void reportIfDone() {
        if (ended == connections) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            report.complete(new Report(connections, complete, sentBytes, receivedBytes, elapsed, failures, exitCode));
        }
    }

    private void fail(String why, int code) {
        failures.merge(why, 1, Integer::sum);
        exitCode = Math.max(exitCode, code);
    }

    /** The receiver of one connection. It checks that the bytes come back in order and unchanged. */
    private final class Echoed implements Receiver {
        private int back;
        private boolean opened;
        private boolean wrong;
        private boolean speaksTls;

        @Override
        public void opened(LoopConnection connection) {
            opened = true;
            open++;
            connecting--;
            ready.add(connection);
            connectMore();
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            int count = bytes.remaining();
            receivedBytes += count;
            boolean asSent = count <= payload.length - back
                    && ByteBuffer.wrap(payload, back, count).equals(bytes);
            back += count;
            if (!asSent) {
                wrong = true;
                speaksTls = back == count && TlsAlert.isOne(address, bytes);
                connection.closeWithoutLingering(CloseReason.PROTOCOL);
            } else if (back == payload.length) {
                // The client does not half-close before it has all bytes, since the tutorial's server drops unsent
                // bytes at the end of the stream.
                connection.closeWithoutLingering(CloseReason.LOCAL);
            }
        }

        /** Until all connections are open, this side is silent on purpose, so a connection must not count as idle. */
        @Override
        public boolean isBusy() {
            return !isSending;
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            ended++;
            if (back == payload.length && !wrong) {
                complete++;
            } else {
                explain(connection, reason);
            }
            if (opened) {
                open--;
            } else {
                connecting--;
                connectMore();
            }
            reportIfDone();
        }

        private void explain(LoopConnection connection, CloseReason reason) {
            if (speaksTls) {
                fail(TlsAlert.WHAT_TO_DO, ExitCode.PROTOCOL);
            } else if (wrong) {
                fail("other bytes came back than were sent", ExitCode.PROTOCOL);
            } else if (connection.closeCause() instanceof ConnectFailedException failed) {
                boolean inTime = failed.networkError() != NetworkError.TIMED_OUT;
                fail(String.valueOf(failed.getMessage()), inTime ? ExitCode.CANNOT_CONNECT_OR_BIND : ExitCode.TIMEOUT);
            } else {
                fail("not all bytes came back: " + connection.closeText() + " (" + reason + ")", ExitCode.of(reason));
            }
        }
    }
}
