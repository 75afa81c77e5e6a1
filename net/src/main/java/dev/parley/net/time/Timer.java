package dev.parley.net.time;

/**
 * A timer of a loop runs its action once on the loop's thread, unless it is cancelled before. {@link
 * dev.parley.net.EventLoop#schedule} creates it.
 *
 * {@snippet :
 * loop.execute(() -> {
 *     Timer timer = loop.schedule(Duration.ofSeconds(5), () -> System.out.println("5 s later"));
 *     timer.cancel();
 * });
 * }
 */
public interface Timer {
    /**
     * Prevents the action from running. If the action has already run, or the timer was cancelled before, this has no
     * effect. Call this method only on the loop's thread.
     */
    void cancel();
}
