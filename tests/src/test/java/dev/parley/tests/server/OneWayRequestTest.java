package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.WireServerBed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Tests that a request that wants no response is handled like others, and never answered. */
class OneWayRequestTest extends WireServerBed {
    @Test
    void aOneWayRequestIsHandledAndNeverAnswered() throws Exception {
        MessagePeer peer = peer();
        List<String> actions = List.of("now", "wait", "nobody", "echo");
        for (int i = 0; i < actions.size(); i++) {
            peer.send(request(1 + i, actions.get(i), Message.text("x")).with(Header.REPLY, false));
        }
        peer.send(
                request(20, "now", Message.text("x")).with(Header.REPLY, false).with("content-encoding-of-nobody", 1));
        peer.send(request(99, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 99");
        gate.awaitStarted(1);
        gate.release();
        peer.send(request(98, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 98");
    }

    private static void awaitStubbornly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException ignored) {
                // the handler goes on, although its time is over
            }
        }
    }

    @Test
    void theIdOfAOneWayRequestIsInUseUntilItsHandlerReturns() throws Exception {
        var mayEnd = new CountDownLatch(1);
        MessagePeer peer = bed.peer(listen(settings -> settings.on("stubborn", request -> {
            gate.count();
            awaitStubbornly(mayEnd);
            return request;
        })));
        peer.send(request(1, "stubborn", bytes(0)).with(Header.REPLY, false).with(Header.TIMEOUT_MS, 100));
        gate.awaitStarted(1);
        ticker.advance(Duration.ofMillis(100));
        peer.send(request(2, "now", bytes(0)));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.send(request(1, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("duplicate-id 0");
        mayEnd.countDown();
    }

    @Test
    void aOneWayRequestThatIsOverDelaysNoOther() throws Exception {
        var mayEnd = new CountDownLatch(1);
        MessagePeer peer = bed.peer(listen(settings -> settings.on("stubborn", request -> {
            gate.count();
            awaitStubbornly(mayEnd);
            return request;
        })));
        peer.send(request(1, "stubborn", bytes(0)).with(Header.REPLY, false).with(Header.TIMEOUT_MS, 100));
        gate.awaitStarted(1);
        ticker.advance(Duration.ofMillis(100));
        peer.send(request(2, "now", bytes(0)));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        mayEnd.countDown();
    }

    @Test
    void aDrainAnswersNoOneWayRequests() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "wait", bytes(0)).with(Header.REPLY, false))
                .send(request(2, "wait", bytes(0)))
                .send(request(0, "wait", bytes(0)).with(Header.REPLY, false))
                .send(request(0, "wait", bytes(0)));
        gate.awaitStarted(3);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        ticker.advance(Duration.ofSeconds(11));
        assertThat(List.of(statusAndId(peer.receive()), statusAndId(peer.receive())))
                .containsExactly("unavailable 2", "unavailable 0");
        assertThat(peer.receive().header().isTrue(Header.CLOSE)).isTrue();
        peer.close();
        assertThat(report.join()).isEqualTo(new DrainReport(1, 1, 4));
    }
}
