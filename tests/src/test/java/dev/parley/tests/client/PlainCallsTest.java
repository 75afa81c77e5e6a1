package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls to a server of the tutorial, each on a connection of its own: how they end early. */
@Timeout(120)
class PlainCallsTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private static Message json() {
        return Message.json("{\"k\":1}");
    }

    private static void answer(ServerSocketChannel listening) throws IOException {
        try (MessagePeer plain = MessagePeer.unknown(RawPeer.accept(listening))) {
            plain.receive();
            plain.send(Message.json("{\"result\": 1}"));
        }
    }

    @Test
    void aCancelledCallEndsItsConnectionAndTheServerStaysPlain() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = bed.keep(
                Client.builder(RawPeer.addressOf(listening)).loop(bed.newLoop()).start());
        var first = client.callAsync("x", json(), CallOptions.DEFAULT.withoutTimeout());
        answer(listening); // to the question who it is
        answer(listening);
        first.toCompletableFuture().join();
        var call = client.callAsync("x", json(), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        MessagePeer peer = bed.keep(MessagePeer.unknown(RawPeer.accept(listening)));
        peer.receive();
        assertThat(call.cancel(true)).isTrue();
        assertThat(peer.raw.receiveToEndOrReset()).isEmpty();
        var next = client.callAsync("x", json(), CallOptions.DEFAULT.withoutTimeout());
        try (MessagePeer plain = MessagePeer.unknown(RawPeer.accept(listening))) {
            assertThat(plain.receive().text()).contains("\"k\"");
            plain.send(Message.json("{\"result\": 2}"));
        }
        assertThat(next.toCompletableFuture().join().text()).contains("2");
    }

    @Test
    void aHeaderThatIsTooLongIsRefusedBeforeAnythingIsSent() throws Exception {
        Message tooLong = json();
        for (int i = 0; i < 48; i++) {
            tooLong = tooLong.with("x-" + i, "\"".repeat(1_000)); // each is escaped
        }
        Message request = tooLong;
        Client client = bed.keep(Client.builder("tcp://127.0.0.1:1")
                .plain(true)
                .loop(bed.newLoop())
                .start());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.call(request))
                .withMessageContaining("65535");
    }
}
