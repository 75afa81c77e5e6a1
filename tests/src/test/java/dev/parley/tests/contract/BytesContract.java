package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that bytes arrive unchanged and in order, in both directions. */
class BytesContract extends TransportContract {
    BytesContract(Wire wire, Face face) {
        super(wire, face);
    }

    @Test
    void echoesOneMessage() throws Exception {
        Pair pair = pair();
        pair.client().send(text("Hello, world"));
        pair.server().send(pair.server().receive(12));
        assertThat(pair.client().receive(12)).isEqualTo(text("Hello, world"));
    }

    @Test
    void theServerMaySpeakFirst() throws Exception {
        Pair pair = pair();
        pair.server().send(text("welcome"));
        assertThat(pair.client().receive(7)).isEqualTo(text("welcome"));
    }

    @Test
    void whatIsSentBeforeTheServerAcceptsArrives() throws Exception {
        Face.Accepting accepting = listening();
        TestPeer client = face.connect(newLoop(), accepting.address());
        client.send(text("early"));
        client.shutdownOutput();
        assertThat(accepting.accept().receiveToEnd()).isEqualTo(text("early"));
    }

    @Test
    void singleBytesGoBackAndForth() throws Exception {
        Pair pair = pair();
        for (int i = 0; i < 256; i++) {
            byte[] one = {(byte) i};
            pair.client().send(one);
            assertThat(pair.server().receive(1)).isEqualTo(one);
            pair.server().send(one);
            assertThat(pair.client().receive(1)).isEqualTo(one);
        }
    }

    @Test
    void manySmallSendsArriveInOrder() throws Exception {
        Pair pair = pair();
        for (int i = 0; i < 1_000; i++) {
            pair.client().send(new byte[] {(byte) i});
        }
        byte[] arrived = pair.server().receive(1_000);
        for (int i = 0; i < 1_000; i++) {
            assertThat(arrived[i]).isEqualTo((byte) i);
        }
    }

    @Test
    void anEmptySendSendsNothing() throws Exception {
        Pair pair = pair();
        pair.client().send(new byte[0]);
        pair.client().send(text("x"));
        assertThat(pair.server().receive(1)).isEqualTo(text("x"));
    }

    @Test
    void aBigTransferArrivesUnchanged() throws Exception {
        Pair pair = pair();
        byte[] sent = random(16 * MIB, 1);
        Future<?> sending = pair.client().sendInBackground(sent);
        assertThat(pair.server().receive(sent.length)).isEqualTo(sent);
        sending.get(60, TimeUnit.SECONDS);
    }

    @Test
    void bigTransfersInBothDirectionsAtOnce() throws Exception {
        Pair pair = pair();
        byte[] there = random(4 * MIB, 2);
        byte[] back = random(4 * MIB, 3);
        Future<?> sendingThere = pair.client().sendInBackground(there);
        // The loop does not read from the accepted end while 64 KiB or more are queued there. So the test sends 32 KiB
        // first, and the rest after it has received everything.
        Future<?> sendingBack = pair.server().sendInBackground(Arrays.copyOf(back, 32 * 1024));
        assertThat(pair.server().receive(there.length)).isEqualTo(there);
        sendingBack.get(60, TimeUnit.SECONDS);
        sendingBack = pair.server().sendInBackground(Arrays.copyOfRange(back, 32 * 1024, back.length));
        assertThat(pair.client().receive(back.length)).isEqualTo(back);
        sendingThere.get(60, TimeUnit.SECONDS);
        sendingBack.get(60, TimeUnit.SECONDS);
    }

    @Test
    void manyConnectionsEachGetTheirOwnBytes() throws Exception {
        EventLoop clientLoop = newLoop();
        var pairs = new ArrayList<Pair>();
        for (int i = 0; i < 300; i++) {
            pairs.add(pair(clientLoop));
        }
        for (int i = 0; i < pairs.size(); i++) {
            pairs.get(i).client().send(text(String.format("number %05d", i)));
        }
        for (int i = 0; i < pairs.size(); i++) {
            assertThat(pairs.get(i).server().receive(12)).isEqualTo(text(String.format("number %05d", i)));
        }
    }

    @Test
    void theEndsNameEachOther() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().info().accepted()).isFalse();
        assertThat(pair.server().info().accepted()).isTrue();
        assertThat(pair.client().info().peerAddress())
                .isEqualTo(pair.server().info().localAddress())
                .isEqualTo(listening().address());
        assertThat(pair.client().info().id()).isNotEqualTo(pair.server().info().id());
        if (wire.isTcp()) {
            assertThat(pair.server().info().peerAddress())
                    .isEqualTo(pair.client().info().localAddress());
        }
    }
}
