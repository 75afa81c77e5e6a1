package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionState;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tests that each end may end its own direction, and the other one goes on. */
class HalfCloseContract extends TransportContract {
    HalfCloseContract(Wire wire, Face face) {
        super(wire, face);
    }

    @Test
    void theClientMayEndItsDirectionAndStillReceive() throws Exception {
        Pair pair = pair();
        pair.client().send(text("question"));
        pair.client().shutdownOutput();
        assertThat(pair.server().receiveToEnd()).isEqualTo(text("question"));
        pair.server().send(text("answer"));
        assertThat(pair.client().receive(6)).isEqualTo(text("answer"));
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.HALF_CLOSED);
    }

    @Test
    void theServerMayEndItsDirectionAndStillReceive() throws Exception {
        Pair pair = pair();
        pair.server().send(text("all I have"));
        pair.server().shutdownOutput();
        assertThat(pair.client().receiveToEnd()).isEqualTo(text("all I have"));
        pair.client().send(text("thanks"));
        assertThat(pair.server().receive(6)).isEqualTo(text("thanks"));
    }

    @Test
    void theEndComesAfterAllBytes() throws Exception {
        Pair pair = pair();
        byte[] sent = random(2 * MIB, 4);
        Future<?> sending = pair.client().sendInBackground(sent);
        if (face == Face.STREAMS) {
            Thread.ofVirtual().start(() -> {
                try {
                    sending.get();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                pair.client().shutdownOutput();
            });
        } else {
            pair.client().shutdownOutput();
        }
        assertThat(pair.server().receiveToEnd()).isEqualTo(sent);
    }

    @Test
    void bothEndsEndedIsClosed() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        pair.server().receiveToEnd();
        pair.server().shutdownOutput();
        assertThat(census.awaitClosed(pair.client().info())).isEqualTo(CloseReason.LOCAL);
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.PEER);
    }

    @Test
    void statesOnlyMoveForward() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.OPEN);
        assertThat(pair.client().info().closeReason()).isNull();
        pair.server().shutdownOutput();
        pair.client().receiveToEnd();
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.HALF_CLOSED);
        pair.client().close();
        census.awaitClosed(pair.client().info());
        assertThat(pair.client().info().state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(pair.client().info().closeReason()).isEqualTo(CloseReason.PEER);
    }

    @Test
    void endingTwiceIsHarmless() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        pair.client().shutdownOutput();
        assertThat(pair.server().receiveToEnd()).isEmpty();
        pair.server().send(text("still here"));
        assertThat(pair.client().receive(10)).isEqualTo(text("still here"));
    }

    @Test
    void nothingIsSentAfterTheEnd() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        assertThatThrownBy(() -> pair.client().send(text("late"))).hasMessageContaining("shutdownOutput");
        assertThat(pair.server().receiveToEnd()).isEmpty();
    }
}
