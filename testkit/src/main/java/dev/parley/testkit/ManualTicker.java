package dev.parley.testkit;

import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that stands still until a test moves it. The timers of loops that use it wait until then. Any thread may use
 * it.
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

    /**
     * Makes a ticker that starts just before {@code System.nanoTime} wraps around. With a real clock, this may happen
     * at any moment, so programs must handle it.
     */
    public ManualTicker() {
        this(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());
    }

    /**
     * Makes a ticker that starts at this time.
     *
     * @param startNanos any value, since only differences have a meaning
     */
    public ManualTicker(long startNanos) {
        nowNanos = new AtomicLong(startNanos);
    }

    /**
     * Moves the time, and makes the loops check their timers. The loops do this on their own threads, during this call
     * or after it.
     *
     * @param by the time to add, usually above zero; timers do not expect time to go back
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
