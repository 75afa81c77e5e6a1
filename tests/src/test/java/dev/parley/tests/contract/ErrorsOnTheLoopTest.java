package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.transport.Poller;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.OddTransport;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that the loop goes on if any code on it fails because others have filled the heap, even if the report of a
 * failure fails.
 */
@Timeout(60)
class ErrorsOnTheLoopTest {
    private static final List<Error> ERRORS = List.of(
            new OutOfMemoryError("on purpose"),
            new StackOverflowError("on purpose"),
            new NoClassDefFoundError("on purpose"));

    private final Census census = new Census();
    private final AtomicInteger errorsLeft = new AtomicInteger();

    /** Fails before and after it tells what has happened. */
    private final class Failing extends OddTransport {
        private int polls;

        Failing(String name) {
            super(Usable.transport(name));
        }

        @Override
        protected void poll(Poller poller, long timeoutNanos) throws IOException {
            boolean fails = errorsLeft.get() > 0;
            if (fails && polls++ % 2 == 0) {
                throw ERRORS.get(Math.abs(errorsLeft.decrementAndGet()) % ERRORS.size());
            }
            poller.poll(timeoutNanos);
            if (fails) {
                throw ERRORS.get(Math.abs(errorsLeft.decrementAndGet()) % ERRORS.size());
            }
        }
    }

    /** An observer that also has no memory to report anything. */
    private final class Speechless implements ForwardingEvents {
        @Override
        public LoopObserver to() {
            return census;
        }

        @Override
        public void failed(String where, Throwable cause) {
            throw new OutOfMemoryError("nor to tell it");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aLoopSurvivesWhateverErrorItsTurnMeets(String name) throws Exception {
        EventLoop loop = census.watch(EventLoop.builder()
                .transport(new Failing(name))
                .observer(new Speechless())
                .start());
        try (loop;
                var server = RawPeer.listen()) {
            loop.connect(RawPeer.addressOf(server), (connection, bytes) -> connection.send(bytes));
            RawPeer peer = RawPeer.accept(server);
            for (int round = 0; round < 20; round++) {
                errorsLeft.set(5);
                peer.send((byte) round);
                assertThat(peer.receive(1)).containsExactly(round);
                loop.execute(() -> {
                    throw new OutOfMemoryError("in a task");
                });
                Await.until("the errors are over", () -> {
                    loop.execute(() -> {});
                    return errorsLeft.get() <= 0;
                });
            }
            peer.close();
            Await.until("the loop has no connection", () -> census.open() == 0);
        }
        census.assertNothingLeft();
    }
}
