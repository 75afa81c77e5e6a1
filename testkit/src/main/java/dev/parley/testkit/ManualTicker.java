package dev.parley.testkit;

import dev.parley.net.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that stands still until a test moves it; loops that use it wait until then. Any thread may use it.
 *
 * {@snippet :
 * var ticker = new ManualTicker();
 * try (var loop = EventLoop.builder().ticker(ticker).start();
 *         var listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 *         var connection = Connection.connect(loop, listener.address())) {
 *     ticker.advance(Limits.DEFAULT.idleTimeout().plusSeconds(1)); // five minutes, at once
 *     Await.until("it is closed", () -> connection.info().closeReason() == CloseReason.IDLE);
 * }
 * }
 */
public final class ManualTicker implements Ticker {
    private final AtomicLong nowNanos;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();

    /** Starts close below the wrap-around of nanoTime, which is allowed to happen at any moment. */
    public ManualTicker() {
        this(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    }

    /**
     * Starts at that time.
     *
     * @param startNanos any; only differences mean something
     */
    public ManualTicker(long startNanos) {
        nowNanos = new AtomicLong(startNanos);
    }

    /**
     * Moves the time and lets the loops look at their timers; they do so on their own threads, after this has returned
     * or meanwhile.
     *
     * @param by usually above zero; time that goes back is no use to a timer
     */
    public void advance(Duration by) {
        nowNanos.addAndGet(by.toNanos());
        watchers.forEach(Runnable::run);
    }

    @Override
    public long nanos() {
        return nowNanos.get();
    }

    @Override
    public boolean passesByItself() {
        return false;
    }

    @Override
    public Runnable onAdvance(Runnable look) {
        watchers.add(look);
        return () -> watchers.remove(look);
    }
}
