package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.LoopListener;
import dev.parley.testkit.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests that a lingering close lets the last bytes arrive, and ends by itself. */
class LingerContract extends LoopContract {
    LingerContract(Wire wire) {
        super(wire);
    }

    @Test
    void aLingeringCloseLetsTheLastBytesArrive() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> {
            connection.send(text("no"));
            connection.close(CloseReason.PROTOCOL);
        });
        for (int i = 0; i < 20; i++) {
            var client = new LoopPeer();
            newLoop().connect(listener.address(), client);
            client.awaitOpened().send(zeros(800 * 1024));
            assertThat(client.receiveToEnd()).asString().isEqualTo("no");
            client.close();
            census.awaitClosed(client.info());
        }
        Await.until("all are closed", () -> census.open() == 0);
        assertThat(census.closedByReason()).containsEntry(CloseReason.PROTOCOL, 20L);
    }

    @Test
    void lingeringEndsAfterItsTime() throws Exception {
        Pair pair = pair();
        pair.server().onLoop(() -> {
            pair.server().connection().close(CloseReason.PROTOCOL);
            return true;
        });
        pair.client().receiveToEnd();
        ticker.advance(limits.lingerTimeout().minusMillis(1));
        pair.client().send(zeros(10));
        assertThat(pair.server().info().closeReason()).isNull();
        ticker.advance(Duration.ofMillis(2));
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PROTOCOL);
    }

    @Test
    void lingeringEndsAfterItsBytes() throws Exception {
        Pair pair = pair();
        pair.server().onLoop(() -> {
            pair.server().connection().close(CloseReason.PROTOCOL);
            return true;
        });
        pair.client().send(zeros(limits.lingerBytesMax() + 1));
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PROTOCOL);
    }

    @Test
    void lingeringEndsAtOnceWhenThePeerHasEnded() throws Exception {
        Pair pair = pair();
        pair.client().pause();
        pair.server().onLoop(() -> {
            pair.server().connection().send(zeros(8 * 1024 * 1024));
            pair.server().connection().close(CloseReason.PROTOCOL);
            return true;
        });
        pair.client().shutdownOutput();
        pair.client().resume();
        assertThat(pair.client().receiveToEnd()).hasSize(8 * 1024 * 1024);
        // Time stands still: nothing but the peer's end can have closed it.
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PROTOCOL);
    }
}
