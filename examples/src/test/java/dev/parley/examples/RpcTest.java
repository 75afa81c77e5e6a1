package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.CallException.Outcome;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.examples.Rpc.Order;
import dev.parley.examples.Rpc.Ticket;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class RpcTest {
    private final Census census = new Census();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Rpc.Theatre theatre = new Rpc.Theatre(told::add);
    private Server server;
    private Client client;

    @BeforeEach
    void open() throws Exception {
        server = Rpc.serving(theatre).observer(census).listen("tcp://localhost:0");
        client = connected();
    }

    private Client connected() throws Exception {
        return Client.builder(server.address())
                .loop(EventLoop.builder().observer(census))
                .connect();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        census.assertNothingLeft();
    }

    @Test
    void thePageShowsWhatTheDemonstrationPrints() throws Exception {
        assertThat(Demonstration.outputOf(Rpc::main)).isEqualTo(Demonstration.shownOn("rpc.md", "Rpc.java"));
    }

    @Test
    void aRefusalHasItsOwnCodeAndSellsNothing() throws Exception {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call(Rpc.BUY, new Order(5)))
                .matches(refused -> refused.applicationCode().equals("bad-order"))
                .withMessageContaining("seats must be 1 to 4");
        assertThat(theatre.freeSeats()).isEqualTo(10);
        assertThat(client.call(Rpc.BUY, new Order(3))).isEqualTo(new Ticket(1, 3));
        assertThat(client.call(Rpc.RETURN, 1)).isEqualTo(new Ticket(1, 3));
        assertThat(Rpc.ended(() -> client.call(Rpc.RETURN, 1))).isEqualTo("the theatre says no: no-such-ticket");
        assertThat(theatre.freeSeats()).isEqualTo(10);
    }

    private void sellOut() throws Exception {
        client.call(Rpc.BUY, new Order(4));
        client.call(Rpc.BUY, new Order(4));
        client.call(Rpc.BUY, new Order(2));
    }

    @Test
    void whoWaitsTooLongGetsNoSeatsAndTheServerNotices() throws Exception {
        sellOut();
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> client.call(Rpc.AWAIT, new Order(2), CallOptions.timeout(Duration.ofMillis(50))))
                .matches(late -> late.outcome() == Outcome.UNKNOWN);
        Await.until("the handler was told", () -> told.contains("no client waits for those 2 seats any more"));
        client.call(Rpc.RETURN, 3);
        assertThat(theatre.freeSeats()).isEqualTo(2);
    }

    @Test
    void whoIsGoneGetsNoSeats() throws Exception {
        sellOut();
        try (var leaving = connected()) {
            // A client that does not know its server yet has one call under way; from the second on there may be many.
            assertThat(Rpc.ended(() -> leaving.call(Rpc.BUY, new Order(1)))).isEqualTo("the theatre says no: sold-out");
            var call = leaving.callAsync(Rpc.AWAIT, new Order(4)).toCompletableFuture();
            assertThat(Rpc.ended(() -> leaving.call(Rpc.BUY, new Order(1)))).isEqualTo("the theatre says no: sold-out");
            assertThat(call).isNotDone();
        }
        Await.until("the handler was told", () -> told.contains("no client waits for those 4 seats any more"));
        client.call(Rpc.RETURN, 1);
        assertThat(theatre.freeSeats()).isEqualTo(4);
    }

    @Test
    void seatsThatComeBackGoToTheOneWhoWaits() throws Exception {
        sellOut();
        var waiting = client.callAsync(Rpc.AWAIT, new Order(4)).toCompletableFuture();
        client.call(Rpc.RETURN, 2);
        assertThat(waiting.get()).isEqualTo(new Ticket(4, 4));
        assertThat(theatre.freeSeats()).isZero();
    }

    @Test
    void garbageCostsItsOwnConnectionOnly() throws Exception {
        try (var peer = RawPeer.connect(server.addresses().getFirst())) {
            peer.send(new byte[] {0, 9}).send("{ not JSON");
            assertThat(new String(peer.receiveToEnd(), UTF_8)).contains("bad-header");
        }
        assertThat(client.call(Rpc.BUY, new Order(1))).isEqualTo(new Ticket(1, 1));
    }
}
