package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that a connection that is closed or reset ends for both of its peers, with a reason. */
class CloseContract extends TransportContract {
    CloseContract(Wire wire, Face face) {
        super(wire, face);
    }

    @Test
    void closingGivesThePeerAnEnd() throws Exception {
        Pair pair = pair();
        pair.client().close();
        assertThat(pair.server().receiveToEnd()).isEmpty();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
        pair.server().close();
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PEER);
    }

    @Test
    void closingDeliversWhatWasSent() throws Exception {
        Pair pair = pair();
        byte[] sent = random(face == Face.LOOP ? 4 * MIB : 32 * 1024, 5);
        pair.client().send(sent);
        pair.client().close();
        assertThat(pair.server().receiveToEnd()).isEqualTo(sent);
    }

    @Test
    void closingTwiceIsHarmless() throws Exception {
        Pair pair = pair();
        pair.client().close();
        pair.client().close();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void nothingIsSentAfterClosing() throws Exception {
        Pair pair = pair();
        pair.client().close();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
        assertThatThrownBy(() -> pair.client().send(text("late"))).isInstanceOf(IOException.class);
    }

    @Test
    void sendingToAPeerThatIsGoneEndsWithReset() throws Exception {
        Pair pair = pair();
        pair.client().close();
        census.awaitClosed(pair.client().info());
        assertThatThrownBy(() -> {
                    while (true) {
                        pair.server().send(text("anybody?"));
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.RESET);
    }

    @Test
    void aResetReachesThePeer() throws Exception {
        Pair pair = pair();
        pair.client().send(text("x"));
        pair.server().receive(1);
        pair.client().reset();
        if (wire.hasResets()) {
            assertThatThrownBy(() -> pair.server().receive(1)).isInstanceOf(IOException.class);
            assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.RESET);
        } else {
            assertThat(pair.server().receiveToEnd()).isEmpty();
        }
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void aResetEndsASendThatWaits() throws Exception {
        Pair pair = pair();
        pair.client().pause();
        Future<?> sending = pair.server().sendInBackground(random(32 * MIB, 6));
        pair.client().reset();
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.RESET);
        if (face == Face.STREAMS) {
            assertThatThrownBy(() -> sending.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void closingTheLoopClosesItsConnections() throws Exception {
        EventLoop clientLoop = newLoop();
        Pair pair = pair(clientLoop);
        clientLoop.close();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.DRAIN);
        assertThat(pair.server().receiveToEnd()).isEmpty();
    }

    @Test
    void aReaderThatWaitsHearsOfTheClose() throws Exception {
        Pair pair = pair();
        Thread closer = Thread.ofVirtual().unstarted(() -> pair.client().close());
        closer.start();
        assertThatThrownBy(() -> pair.client().receive(1)).isInstanceOf(IOException.class);
        closer.join();
    }
}
