package dev.parley.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the tasks of handshakes run, whatever happens to their threads' priority and to the tasks before them. */
class HandshakeTasksTest {
    private static final int TASKS = 20;

    private final BlockingQueue<String> ended = new ArrayBlockingQueue<>(TASKS);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachTaskEnds(boolean forPeer) throws InterruptedException {
        for (int i = 0; i < TASKS; i++) {
            boolean throwing = i % 2 == 0;
            HandshakeTasks.computing(forPeer)
                    .accept(
                            () -> {
                                if (throwing) {
                                    throw new IllegalStateException("a task that throws, as this test wants");
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
