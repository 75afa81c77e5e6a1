package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that a peer that does not read holds back its sender, and no one else. */
class BackpressureContract extends TransportContract {
    BackpressureContract(Wire wire, Face face) {
        super(wire, face);
    }

    @Test
    void aSlowReaderHoldsBackItsSender() throws Exception {
        Pair pair = pair();
        pair.server().pause();
        byte[] sent = random(24 * MIB, 7);
        Future<?> sending = pair.client().sendInBackground(sent);
        if (face == Face.STREAMS) {
            assertThat(Await.within(Duration.ofMillis(200), sending::isDone)).isFalse();
        } else {
            assertThat(sending.get(60, TimeUnit.SECONDS)).isEqualTo(false);
        }
        pair.server().resume();
        assertThat(pair.server().receive(sent.length)).isEqualTo(sent);
        sending.get(60, TimeUnit.SECONDS);
    }

    @Test
    void pausingHoldsBytesAndResumingDeliversThem() throws Exception {
        Pair pair = pair();
        pair.server().pause();
        pair.client().send(text("later"));
        pair.server().resume();
        assertThat(pair.server().receive(5)).isEqualTo(text("later"));
    }

    @Test
    void oneThatDoesNotReadLeavesTheOthersAlone() throws Exception {
        EventLoop clientLoop = newLoop();
        Pair silent = pair(clientLoop);
        Pair lively = pair(clientLoop);
        silent.client().pause();
        Future<?> stuck = silent.server().sendInBackground(random(16 * MIB, 8));
        for (int i = 0; i < 100; i++) {
            lively.client().send(text("ping"));
            lively.server().send(lively.server().receive(4));
            assertThat(lively.client().receive(4)).isEqualTo(text("ping"));
        }
        silent.client().reset();
        census.awaitClosed(silent.server().info());
        if (face == Face.STREAMS) {
            assertThatThrownBy(() -> stuck.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        }
    }
}
