package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientBuilder;
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests a client that lives as long as its program: it reconnects, moves to another server, and gives up. */
@Timeout(300)
class ReconnectTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<ClientState> states = new ConcurrentLinkedQueue<>();
    private final AtomicInteger handled = new AtomicInteger();

    private Server server(EventLoop loop, Address address, String name) throws IOException {
        return bed.server()
                .onLoop("name", request -> {
                    handled.incrementAndGet();
                    return Message.text(name);
                })
                .listen(loop, address);
    }

    private ClientBuilder client(Address... addresses) {
        return Client.builder(addresses).loop(bed.newLoop()).onState(change -> states.add(change.state()));
    }

    private static Address free() {
        return Address.parse("tcp://127.0.0.1:0");
    }

    private static String ask(Client client) throws IOException {
        return client.call("name", Message.text("who"), CallOptions.timeout(PATIENCE))
                .text();
    }

    @Test
    void aServerThatComesBackIsFoundAgain() throws Exception {
        EventLoop firstLoop = bed.newLoop();
        Server first = server(firstLoop, free(), "first");
        Address address = first.address();
        Client client = bed.keep(client(address).waitForReady(true).connect());
        assertThat(ask(client)).isEqualTo("first");
        first.close();
        firstLoop.close();
        Await.until("the loss is seen", () -> client.state() != ClientState.READY);
        bed.keep(server(bed.newLoop(), address, "second"));
        assertThat(ask(client)).isEqualTo("second");
        client.close();
        Await.until("it is closed", () -> client.state() == ClientState.CLOSED);
        assertThat(states).startsWith(ClientState.CONNECTING, ClientState.READY);
        assertThat(states.toArray()).endsWith(ClientState.READY, ClientState.CLOSED);
    }

    @Test
    void withoutWaitingACallFailsWhileNoServerIsThere() throws Exception {
        Client client = bed.keep(client(Address.parse("tcp://127.0.0.1:1")).start());
        assertThatThrownBy(() -> ask(client)).isInstanceOf(ConnectFailedException.class);
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        assertThatThrownBy(() -> ask(client)).isInstanceOf(ConnectFailedException.class);
    }

    @Test
    void aFailedConnectIsNotTriedAgain() throws Exception {
        ManualTicker ticker = bed.ticker();
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(ticker));
        ClientBuilder settings =
                Client.builder("tcp://127.0.0.1:1").loop(loop).onState(change -> states.add(change.state()));
        assertThatThrownBy(settings::connect).isInstanceOf(ConnectFailedException.class);
        Await.until("it is closed", () -> states.contains(ClientState.CLOSED));
        ticker.advance(Duration.ofMinutes(1));
        assertThat(Await.within(Duration.ofMillis(50), () -> backings() > 1)).isFalse();
    }

    @Test
    void attemptsComeAtRandomTimesThatGrow() throws Exception {
        ManualTicker ticker = bed.ticker();
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(ticker));
        Client client = bed.keep(Client.builder(Address.parse("tcp://127.0.0.1:1"))
                .loop(loop)
                .onState(change -> states.add(change.state()))
                .random(new SplittableRandom(42))
                .start());
        for (int attempt = 1; attempt <= 12; attempt++) {
            long failures = attempt;
            Await.until("attempt " + attempt + " has failed", () -> backings() == failures);
            ticker.advance(Duration.ofSeconds(31)); // no wait is longer than 30 s
        }
        assertThat(client.state()).isNotEqualTo(ClientState.READY);
    }

    private long backings() {
        return states.stream().filter(state -> state == ClientState.BACKING_OFF).count();
    }

    @Test
    void anotherAddressIsTriedAtOnce() throws Exception {
        Server second = bed.keep(server(bed.newLoop(), free(), "second"));
        Client client = bed.keep(
                client(Address.parse("tcp://127.0.0.1:1"), second.address()).connect());
        assertThat(ask(client)).isEqualTo("second");
    }

    @Test
    void severalConnectionsShareTheCallsOfSeveralServers() throws Exception {
        Server one = bed.keep(server(bed.newLoop(), free(), "one"));
        Server two = bed.keep(server(bed.newLoop(), free(), "two"));
        Client client =
                bed.keep(client(one.address(), two.address()).connections(2).connect());
        var seen = new HashSet<String>();
        Await.until("both are asked", () -> {
            var names = new ArrayList<CompletableFuture<Message>>();
            for (int i = 0; i < 100; i++) {
                names.add(client.callAsync("name", Message.text("x"), CallOptions.timeout(PATIENCE))
                        .toCompletableFuture());
            }
            for (CompletableFuture<Message> name : names) {
                seen.add(name.join().text());
            }
            return seen.size() == 2;
        });
        assertThat(seen).contains("one", "two");
    }

    @Test
    void aServerThatDrainsLosesNoCall() throws Exception {
        EventLoop serverLoop = bed.newLoop();
        Server first = server(serverLoop, free(), "first");
        Server second = bed.keep(server(bed.newLoop(), free(), "second"));
        Client client = bed.keep(client(first.address(), second.address()).connect());
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var report = new CompletableFuture<DrainReport>();
        for (int i = 0; i < 2_000; i++) {
            if (i == 1_000) {
                Thread.startVirtualThread(() -> drain(first, report));
            }
            try {
                assertThat(ask(client)).isIn("first", "second");
            } catch (CallException e) {
                failures.add(e);
            }
        }
        assertThat(failures).isEmpty();
        assertThat(handled).hasValue(2_000);
        assertThat(report.get(60, TimeUnit.SECONDS)).isEqualTo(new DrainReport(1, 0, 0));
        assertThat(ask(client)).isEqualTo("second");
    }

    private static void drain(Server server, CompletableFuture<DrainReport> report) {
        try {
            report.complete(server.drain(Duration.ofSeconds(10)));
        } catch (InterruptedException e) {
            report.completeExceptionally(e);
        }
    }

    @Test
    void afterALossTheNextAddressIsTried() throws Exception {
        ManualTicker ticker = bed.ticker();
        EventLoop firstLoop = bed.newLoop();
        Server first = server(firstLoop, free(), "first");
        Server second = bed.keep(server(bed.newLoop(), free(), "second"));
        var changes = new ConcurrentLinkedQueue<ClientState.Change>();
        Client client = bed.keep(Client.builder(first.address(), second.address())
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .onState(changes::add)
                .connect());
        assertThat(ask(client)).isEqualTo("first");
        ticker.advance(Duration.ofSeconds(2)); // a connection that ends younger is not backed off from
        first.close();
        Address lost = first.address();
        firstLoop.close();
        Await.until(
                "it backs off", () -> changes.stream().anyMatch(change -> change.state() == ClientState.BACKING_OFF));
        assertThat(changes.stream().filter(change -> change.state() == ClientState.BACKING_OFF))
                .singleElement()
                .satisfies(change -> assertThat(change.address()).isEqualTo(lost));
        bed.keep(server(bed.newLoop(), lost, "first again"));
        client.reconnectNow();
        assertThat(ask(client)).isEqualTo("second");
    }

    @Test
    void serversThatAllGoAwayAtOnceAreNotConnectedToWithoutEnd() throws Exception {
        ScriptedServer.Script goingAway = (peer, connection) -> {
            handled.incrementAndGet();
            peer.send(ScriptedServer.answer(peer.receive(), ""));
            peer.send(ScriptedServer.control("going-away", 0));
            peer.raw.receiveToEndOrReset();
        };
        Address one =
                bed.keep(ScriptedServer.start(MessagePeer::unknown, goingAway)).address();
        Address other =
                bed.keep(ScriptedServer.start(MessagePeer::unknown, goingAway)).address();
        ManualTicker ticker = bed.ticker(); // stands still: the next attempt comes only if it is advanced
        Client client = bed.keep(Client.builder(one, other)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .start());
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        assertThat(handled).hasValue(2);
        ticker.advance(Duration.ofSeconds(31));
        Await.until("it tries again", () -> handled.get() == 3);
        assertThat(Await.within(Duration.ofMillis(50), () -> handled.get() > 3)).isFalse();
    }

    @Test
    void aConnectThatWaitsForASilentServerSaysSo() throws Exception {
        ManualTicker ticker = bed.ticker();
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Address address = RawPeer.addressOf(listening);
        ClientBuilder settings = Client.builder(address)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .waitForReady(true);
        var connected = new CompletableFuture<Client>();
        Thread.startVirtualThread(() -> {
            try {
                connected.complete(settings.connect());
            } catch (Throwable failure) {
                connected.completeExceptionally(failure);
            }
        });
        RawPeer silent = bed.keep(RawPeer.accept(listening));
        silent.receive(1); // of the question, so the time of the attempt runs
        ticker.advance(Duration.ofSeconds(11));
        assertThatThrownBy(() -> connected.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TimedOutException.class)
                .hasMessageContaining("no connection to " + address
                        + " within 10 s: the server has accepted the connection, but has not identified itself");
    }

    @Test
    void whoWatchesTheStateMayThrow() throws Exception {
        Server server = bed.keep(server(bed.newLoop(), free(), "it"));
        Client client = bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .onState(change -> {
                    throw new IllegalStateException("the watcher's own");
                })
                .connect());
        assertThat(ask(client)).isEqualTo("it");
    }

    /** The call is not for later, so it need not wait for a server that goes away again and again. */
    @Test
    void aCallDoesNotWaitForAServerThatGoesAwayAtOnce() throws Exception {
        Address address = bed.keep(ScriptedServer.start(MessagePeer::unknown, (peer, connection) -> {
                    peer.send(ScriptedServer.answer(peer.receive(), ""));
                    peer.send(ScriptedServer.control("going-away", 0));
                    peer.raw.receiveToEndOrReset();
                }))
                .address();
        ManualTicker ticker = bed.ticker(); // stands still: no call can end by its time
        Client client = bed.keep(Client.builder(address)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .start());
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        assertThatExceptionOfType(ConnectionLostException.class)
                .isThrownBy(() -> ask(client))
                .withMessageContaining("no answer from " + address + ": the server is going away")
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(CallException.Outcome.NOT_PROCESSED));
    }
}
