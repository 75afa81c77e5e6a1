package dev.parley.tests.client;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls that end without a response: their caller takes them back, wants none, or closes the client. */
@Timeout(300)
class EndedCallTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger handled = new AtomicInteger();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    private Server server() throws IOException {
        return bed.listen(bed.server()
                .onLoop("name", request -> {
                    handled.incrementAndGet();
                    return Message.text("it");
                })
                .on("wait", request -> {
                    handled.incrementAndGet();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                    return request;
                }));
    }

    private Address scripted(ScriptedServer.Script script) throws IOException {
        return bed.keep(ScriptedServer.start(script)).address();
    }

    private Client of(Address address) throws IOException {
        return bed.keep(Client.builder(address).loop(bed.newLoop()).connect());
    }

    private static String ask(Client client) throws IOException {
        return client.call("name", Message.text("who"), CallOptions.timeout(PATIENCE))
                .text();
    }

    private static Message json() {
        return Message.json("{\"n\": 1}");
    }

    @Test
    void aCallThatIsCancelledIsTakenBackFromTheServer() throws Exception {
        Server server = server();
        Client client = of(server.address());
        assertThat(ask(client)).isEqualTo("it");
        var stage = client.callAsync("wait", Message.text("x"), CallOptions.timeout(PATIENCE))
                .thenApply(Message::text);
        Await.until("it runs", () -> handled.get() == 2);
        assertThat(stage.toCompletableFuture().cancel(true)).isTrue();
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ask(client)).isEqualTo("it");
    }

    @Test
    void aThreadThatIsInterruptedTakesItsCallBack() throws Exception {
        Server server = server();
        Client client = of(server.address());
        var caller = new CompletableFuture<Throwable>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                client.call("wait", Message.text("x"), CallOptions.timeout(PATIENCE));
            } catch (IOException e) {
                caller.complete(e);
            }
        });
        Await.until("it runs", () -> handled.get() == 1);
        thread.interrupt();
        assertThat(caller.get(60, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aOneWayRequestEndsWhenItIsOnItsWay() throws Exception {
        var seen = new CompletableFuture<Message>();
        Client client = of(scripted((peer, connection) -> {
            seen.complete(peer.receive());
            peer.receive();
        }));
        client.send(Action.of("tell", Message.class, Message.class), json())
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertThat(seen.get(60, TimeUnit.SECONDS).header().isOneWay()).isTrue();
    }

    @Test
    void aPlainClientThatClosesEndsItsCalls() throws Exception {
        Address address = scripted((peer, connection) -> {
            peer.receive();
            handled.incrementAndGet();
            peer.raw.receiveToEnd();
        });
        Client client = Client.builder(address).plain(true).loop(bed.newLoop()).start();
        var call =
                client.callAsync(json(), CallOptions.DEFAULT.withoutTimeout()).toCompletableFuture();
        Await.until("it was sent", () -> handled.get() == 1);
        client.close();
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ClientClosedException.class)
                .hasMessageContaining("the client is closed");
        assertThatThrownBy(() -> client.call(json(), CallOptions.timeout(PATIENCE)))
                .isInstanceOfSatisfying(ClientClosedException.class, closed -> assertThat(closed.outcome())
                        .isEqualTo(CallException.Outcome.NOT_PROCESSED));
    }
}
