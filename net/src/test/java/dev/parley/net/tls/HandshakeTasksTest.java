package dev.parley.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the tasks of handshakes run, whatever happens to their threads' priority and to the tasks before them. */
class HandshakeTasksTest {
    private static final int TASKS = 20;

    private static final String WANTED = "a task that throws, as this test wants";

    private final BlockingQueue<String> ended = new ArrayBlockingQueue<>(TASKS);

    private final Thread.@Nullable UncaughtExceptionHandler usual = Thread.getDefaultUncaughtExceptionHandler();

    private final Queue<Throwable> unwanted = new ConcurrentLinkedQueue<>();

    /** The JVM would print each of the exceptions that this test wants. */
    @BeforeEach
    void printNone() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (!WANTED.equals(thrown.getMessage())) {
                unwanted.add(thrown);
            }
        });
    }

    @AfterEach
    void printAll() {
        Thread.setDefaultUncaughtExceptionHandler(usual);
        assertThat(unwanted).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachTaskEnds(boolean forPeer) throws InterruptedException {
        for (int i = 0; i < TASKS; i++) {
            boolean throwing = i % 2 == 0;
            HandshakeTasks.computing(forPeer)
                    .accept(
                            () -> {
                                if (throwing) {
                                    throw new IllegalStateException(WANTED);
                                }
                            },
                            () -> ended.add(Thread.currentThread().getName()));
        }
        for (int i = 0; i < TASKS; i++) {
            assertThat(ended.poll(30, TimeUnit.SECONDS)).isEqualTo(forPeer ? "parley-handshakes" : "parley-tls");
        }
        if (forPeer) {
            assertThat(ThrowingPriorities.CALLS).hasPositiveValue();
        }
    }
}
