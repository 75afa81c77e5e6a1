package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that a server that answers a call with a stream costs that call alone, even if the pieces come late. */
@Timeout(120)
class LateAnswersTest {
    private static final CallOptions PATIENCE = CallOptions.timeout(Duration.ofSeconds(60));
    private static final int PIECES = 1_000;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CountDownLatch givenUp = new CountDownLatch(1);

    private Client client(ScriptedServer.Script script) throws IOException {
        Address address = bed.keep(ScriptedServer.start(script)).address();
        return bed.keep(
                Client.builder(address).loop(bed.newLoop()).retries(false).connect());
    }

    private static Message answer(Message request) {
        return Message.text("x").going(Direction.RESPONSE, request.header().id());
    }

    private static void sendStream(MessagePeer peer, Message request) throws IOException {
        for (int i = 0; i < PIECES; i++) {
            peer.send(answer(request).withProtocolKey(Header.MORE, true));
        }
        peer.send(answer(request));
    }

    private static void serve(MessagePeer peer) throws IOException {
        while (true) {
            Message next = peer.receive();
            if (!next.header().isControl()) {
                peer.send(answer(next));
            }
        }
    }

    @Test
    void aStreamInsteadOfAnAnswerLeavesTheOtherCallsAlone() throws Exception {
        Client client = client((peer, connection) -> {
            Message held = peer.receive();
            sendStream(peer, peer.receive());
            peer.send(answer(held));
            serve(peer);
        });
        var other = client.callAsync("held", Message.text("x"), PATIENCE).toCompletableFuture();
        assertThatThrownBy(() -> client.call("stream", Message.text("x"), PATIENCE))
                .isInstanceOf(ContentException.class);
        assertThat(other.get().text()).isEqualTo("x");
        assertThat(client.call("x", Message.text("x"), PATIENCE).text()).isEqualTo("x");
        Await.until("all are counted", () -> client.lateResponses() == PIECES);
    }

    @Test
    void aStreamThatComesAfterItsCallHasTimedOutDoesSoToo() throws Exception {
        Client client = client((peer, connection) -> {
            Message request = peer.receive();
            givenUp.await();
            sendStream(peer, request);
            serve(peer);
        });
        assertThatThrownBy(() -> client.call("stream", Message.text("x"), CallOptions.timeout(Duration.ofMillis(50))))
                .isInstanceOf(TimedOutException.class);
        givenUp.countDown();
        assertThat(client.call("x", Message.text("x"), PATIENCE).text()).isEqualTo("x");
        assertThat(client.lateResponses()).isEqualTo(PIECES + 1);
    }
}
