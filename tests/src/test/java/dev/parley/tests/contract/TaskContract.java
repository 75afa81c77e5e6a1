package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that a loop runs the tasks of other threads, and refuses what belongs on its own thread or comes too late. */
class TaskContract extends LoopContract {
    TaskContract(Wire wire) {
        super(wire);
    }

    @Test
    void tasksRunOnceEachInTheOrderOfTheirThread() throws Exception {
        EventLoop loop = newLoop();
        var ran = new ArrayList<Integer>();
        int threads = 4;
        int each = 5_000;
        var all = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            int base = t * each;
            Thread.ofVirtual().start(() -> {
                for (int i = 0; i < each; i++) {
                    int number = base + i;
                    loop.execute(() -> {
                        ran.add(number);
                        all.countDown();
                    });
                }
            });
        }
        assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
        var last = new int[] {-1, each - 1, 2 * each - 1, 3 * each - 1};
        for (int number : ran) {
            int thread = number / each;
            assertThat(number).isEqualTo(++last[thread]);
        }
    }

    @Test
    void aTaskThatThrowsHarmsNothing() throws Exception {
        EventLoop loop = newLoop();
        loop.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        settle(loop);
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
    }

    @Test
    void theWrongThreadIsToldSo() throws Exception {
        Pair pair = pair();
        LoopConnection connection = pair.client().connection();
        assertThatThrownBy(() -> connection.send(zeros(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("loop.execute");
        assertThatThrownBy(connection::close).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> connection.loop().schedule(SECOND, () -> {})).hasMessageContaining("parley-loop");
        assertThatThrownBy(() -> connection.loop().defer(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClosedLoopRefusesTasksAndClosesAgain() {
        EventLoop loop = newLoop();
        loop.close();
        loop.close();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aLoopMayCloseItself() throws Exception {
        EventLoop loop = newLoop();
        Pair pair = pair(loop);
        loop.execute(loop::close);
        loop.join();
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.DRAIN);
    }

    @Test
    void whatIsClosedWhileItStartsToListenIsNotLeftListening() throws Exception {
        for (int i = 0; i < 50; i++) {
            EventLoop loop = newLoop();
            LoopListener listener = loop.listen(wire.free(), (connection, bytes) -> connection.send(bytes));
            Thread closer = Thread.ofPlatform().start(listener::close);
            loop.close();
            closer.join();
        }
    }

    @Test
    void anInterruptThatACallbackRestoresIsTakenBack() throws Exception {
        EventLoop loop = newLoop();
        loop.execute(() -> Thread.currentThread().interrupt());
        settle(loop);
        var interrupted = new CompletableFuture<Boolean>();
        loop.execute(() -> interrupted.complete(Thread.currentThread().isInterrupted()));
        assertThat(get(interrupted)).isFalse();
    }
}
