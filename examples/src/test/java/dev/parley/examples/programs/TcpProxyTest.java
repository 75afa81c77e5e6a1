package dev.parley.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopListener;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class TcpProxyTest {
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");

    private static LoopListener echo(EventLoop loop, Address address) throws IOException {
        return loop.listen(address, (connection, bytes) -> {
            if (!connection.send(bytes)) {
                assertThat(connection.queuedBytes()).isLessThan(1024 * 1024);
            }
        });
    }

    @Test
    void allBytesComeBackAndEachDirectionEndsByItself() throws Exception {
        byte[] sent = new byte[20_000_000];
        new Random(5).nextBytes(sent);
        try (var loop = EventLoop.start()) {
            LoopListener target = echo(loop, FREE);
            Address proxy = TcpProxy.listen(loop, FREE, target.address()).address();
            try (var peer = RawPeer.connect(proxy)) {
                CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> all(peer));
                peer.send(sent).shutdownOutput();
                assertThat(received.get()).isEqualTo(sent);
            }
        }
    }

    private static byte[] all(RawPeer peer) {
        try {
            return peer.receiveToEnd();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aClientThatIsTurnedAwayLeavesNoConnectionToTheTarget() throws Exception {
        var census = new Census();
        try (var targets = census.startLoop(EventLoop.builder());
                var loop = EventLoop.builder()
                        .limits(Limits.DEFAULT.withConnectionsMax(1))
                        .start()) {
            Address proxy =
                    TcpProxy.listen(loop, FREE, echo(targets, FREE).address()).address();
            try (var first = RawPeer.connect(proxy)) {
                assertThat(first.send("one").receive(3)).asString().isEqualTo("one");
                try (var second = RawPeer.connect(proxy)) {
                    assertThat(second.receiveToEndOrReset()).isEmpty();
                }
                assertThat(first.send("two").receive(3)).asString().isEqualTo("two");
            }
            Await.until("the target has no connection", () -> census.open() == 0);
        }
        census.assertNothingLeft();
    }

    @Test
    void aKilledProxyAndAKilledTargetEndTheirConnectionsAloneAndNewOnesWork() throws Exception {
        try (var loop = EventLoop.start()) {
            LoopListener target = echo(loop, FREE);
            Program proxy = Program.start(
                    TcpProxy.class, "tcp://127.0.0.1:0", target.address().toString());
            try {
                var first = RawPeer.connect(Address.parse(proxy.address()));
                assertThat(first.send("one").receive(3)).asString().isEqualTo("one");
                proxy.kill();
                assertThatThrownBy(() -> first.send("two").receive(3))
                        .isInstanceOfAny(IOException.class, AssertionError.class); // a reset, or the end
                first.close();
                proxy = Program.start(
                        TcpProxy.class, "tcp://127.0.0.1:0", target.address().toString());
                Address again = Address.parse(proxy.address());
                try (var second = RawPeer.connect(again)) {
                    assertThat(second.send("two").receive(3)).asString().isEqualTo("two");
                }
                target.close();
                try (var third = RawPeer.connect(again)) {
                    assertThatThrownBy(() -> third.send("no").receive(1))
                            .isInstanceOfAny(IOException.class, AssertionError.class); // a reset, or the end
                }
                echo(loop, target.addresses().getFirst());
                try (var fourth = RawPeer.connect(again)) {
                    assertThat(fourth.send("three").receive(5)).asString().isEqualTo("three");
                }
            } finally {
                proxy.kill();
            }
        }
    }
}
