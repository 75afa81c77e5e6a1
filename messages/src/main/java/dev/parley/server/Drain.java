package dev.parley.server;

import dev.parley.DrainReport;
import dev.parley.net.EventLoop;
import dev.parley.net.time.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The drain of a server's sessions on one loop: it lets running requests finish within the grace period, and then cuts
 * off the rest. Runs on the loop's thread.
 */
final class Drain {
    /**
     * The time within which a connection must close after its last error was sent. Without a limit, it could linger for
     * a peer that is gone.
     */
    private static final Duration LAST_WORDS = Duration.ofSeconds(3);

    private final EventLoop loop;
    private final Set<Sessions.Session> open;
    private final CompletableFuture<DrainReport> report = new CompletableFuture<>();
    private final List<Timer> timers = new ArrayList<>();
    private final int connections;
    private int connectionsCut;
    private int requestsCut;
    private boolean isCut;

    /**
     * Makes a drain, which does nothing yet.
     *
     * @param loop the loop of the sessions
     * @param open the sessions that are open now; its owner removes those that end, and then calls {@link #oneLess}
     */
    Drain(EventLoop loop, Set<Sessions.Session> open) {
        this.loop = loop;
        this.open = open;
        connections = open.size();
    }

    /** Returns the future that completes when no session is open any more. */
    CompletableFuture<DrainReport> report() {
        return report;
    }

    /** Stops new requests in all sessions, and starts the grace period. */
    void begin(Duration grace) {
        cutAfter(grace);
        forEachOpen(Sessions.Session::drain);
        oneLess();
    }

    /** Starts another grace period; the one that ends first counts. */
    void cutAfter(Duration grace) {
        if (!report.isDone() && !isCut) {
            timers.add(loop.schedule(grace, this::cut));
        }
    }

    /** Called when a session has ended. */
    void oneLess() {
        if (open.isEmpty() && report.complete(new DrainReport(connections, connectionsCut, requestsCut))) {
            timers.forEach(Timer::cancel);
        }
    }

    private void cut() {
        if (isCut) {
            return;
        }
        isCut = true;
        connectionsCut = open.size();
        timers.add(loop.schedule(LAST_WORDS, () -> forEachOpen(Sessions.Session::reset)));
        forEachOpen(session -> requestsCut += session.cut());
    }

    private void forEachOpen(Consumer<Sessions.Session> task) {
        new ArrayList<>(open).forEach(session -> session.guarded(() -> task.accept(session)));
    }
}
