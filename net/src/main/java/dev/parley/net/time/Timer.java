package dev.parley.net.time;

/**
 * A timer of a loop runs its action once on the loop's thread, unless it is cancelled before. {@link
 * dev.parley.net.EventLoop#schedule} makes it.
 *
 * {@snippet :
 * loop.execute(() -> {
 *     Timer timer = loop.schedule(Duration.ofSeconds(5), () -> System.out.println("5 s later"));
 *     timer.cancel();
 * });
 * }
 */
public interface Timer {
    /** Keeps it from running. It is harmless if it has run or was cancelled already. On the loop's thread only. */
    void cancel();
}
