package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that a thing that all connections of a loop share is made once, stays on its thread, and is given up when the
 * loop ends.
 */
@Timeout(60)
class SharedByLoopTest {
    private static final class Pool {
        boolean isGivenUp;
    }

    private static <T> T on(EventLoop loop, Supplier<T> call) throws Exception {
        return CompletableFuture.supplyAsync(call, loop).get(60, TimeUnit.SECONDS);
    }

    private static Pool pool(EventLoop loop) {
        return loop.shared(Pool.class, Pool::new, pool -> pool.isGivenUp = true);
    }

    @Test
    void oneLoopHasOneAndAnotherItsOwn() throws Exception {
        try (EventLoop loop = EventLoop.start();
                EventLoop other = EventLoop.start()) {
            Pool first = on(loop, () -> pool(loop));
            assertThat(on(loop, () -> pool(loop))).isSameAs(first);
            assertThat(on(other, () -> pool(other))).isNotSameAs(first);
            assertThatThrownBy(() -> pool(loop)).isInstanceOf(IllegalStateException.class);
            assertThat(first.isGivenUp).isFalse();
        }
    }

    @Test
    void itIsGivenUpWithTheLoopEvenIfAnotherCannotBe() throws Exception {
        EventLoop loop = EventLoop.start();
        on(
                loop,
                () -> loop.shared(String.class, () -> "text", _ -> {
                    throw new IllegalStateException("on purpose");
                }));
        Pool pool = on(loop, () -> pool(loop));
        on(
                loop,
                () -> loop.shared(Integer.class, () -> 1, _ -> {
                    throw new IllegalStateException("on purpose");
                }));
        loop.close();
        assertThat(pool.isGivenUp).isTrue();
    }
}
