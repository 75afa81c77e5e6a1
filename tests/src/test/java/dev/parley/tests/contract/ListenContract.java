package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.NetworkError;
import dev.parley.testkit.Await;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Tests that addresses are bound, listened on and connected to, and that errors name the address. */
class ListenContract extends TransportContract {
    ListenContract(Wire wire, Face face) {
        super(wire, face);
    }

    @Test
    void anAddressIsBoundOnce() throws Exception {
        Address address = listen().address();
        assertThatThrownBy(() -> face.listen(newLoop(), address))
                .isInstanceOfSatisfying(BindFailedException.class, e -> {
                    assertThat(e.networkError()).isEqualTo(NetworkError.ADDRESS_IN_USE);
                    assertThat(e.address()).isEqualTo(address);
                    assertThat(e).hasMessageContaining(address.toString()).hasMessageContaining("in use");
                });
    }

    @Test
    void aRestartedServerBindsTheSameAddress() throws Exception {
        Pair pair = pair();
        Address address = listening().address();
        pair.client().send(text("x"));
        pair.server().receive(1);
        // Our side closes first, which leaves a TCP connection in TIME_WAIT on the server's port.
        pair.server().close();
        listening().close();
        listen(newLoop(), address);
        Pair again = pair();
        again.client().send(text("again"));
        assertThat(again.server().receive(5)).isEqualTo(text("again"));
    }

    @Test
    void noListenerIsAnErrorThatSaysSo() {
        Address address = wire.unused();
        assertThatThrownBy(() -> face.connect(newLoop(), address))
                .isInstanceOfSatisfying(ConnectFailedException.class, e -> {
                    assertThat(e.networkError()).isIn(NetworkError.REFUSED, NetworkError.NO_SUCH_PATH);
                    assertThat(e.attempts()).hasSize(1);
                    assertThat(e).hasMessageContaining(address.toString());
                });
    }

    @Test
    void aClosedListenerRefusesNewConnectionsAndKeepsItsOwn() throws Exception {
        Pair pair = pair();
        Address address = listening().address();
        listening().close();
        assertThatThrownBy(() -> face.connect(newLoop(), address)).isInstanceOf(ConnectFailedException.class);
        pair.client().send(text("still"));
        assertThat(pair.server().receive(5)).isEqualTo(text("still"));
    }

    @Test
    void portZeroIsTold() throws Exception {
        Address address = listen().address();
        switch (address) {
            case Address.Inet inet -> assertThat(inet.port()).isPositive();
            case Address.Mem mem -> assertThat(mem.name()).isNotEmpty();
            case Address.Unix unix -> assertThat(unix.path()).exists();
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAndTheOthersStay() throws Exception {
        limits = limits.withConnectionsMax(2);
        EventLoop clientLoop = newLoop();
        Pair first = pair(clientLoop);
        Pair second = pair(clientLoop);
        TestPeer third = face.connect(clientLoop, listening().address());
        assertThat(receiveToEndOrReset(third)).isEmpty();
        Await.until("the refusal is counted", () -> !census.closedByReason().isEmpty());
        assertThat(census.closedByReason()).containsKey(CloseReason.LIMIT);
        first.client().send(text("x"));
        assertThat(first.server().receive(1)).isEqualTo(text("x"));
        second.server().close();
        census.awaitClosed(second.server().info());
        Pair next = pair(clientLoop);
        next.client().send(text("y"));
        assertThat(next.server().receive(1)).isEqualTo(text("y"));
    }

    private static byte[] receiveToEndOrReset(TestPeer peer) {
        try {
            return peer.receiveToEnd();
        } catch (IOException reset) {
            return new byte[0];
        }
    }

    @Test
    void listeningOnAClosedLoopIsRefused() {
        EventLoop loop = newLoop();
        loop.close();
        assertThatThrownBy(() -> face.listen(loop, wire.free())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anAddressOfAnotherTransportIsRefused() {
        Address foreign = wire.isMem() ? Address.parse(Address.DEFAULT) : Address.parse("mem:x");
        assertThatThrownBy(() -> face.connect(newLoop(), foreign)).hasMessageContaining("loop moves bytes over");
        assertThatThrownBy(() -> face.listen(newLoop(), foreign)).hasMessageContaining("loop moves bytes over");
    }
}
