package dev.parley.tests;

import static dev.parley.tests.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.Client;
import dev.parley.ClientBuilder;
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.frame.Direction;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that lives as long as its program: reconnects, goes elsewhere, repeats what it may, and gives up. */
@Timeout(300)
class ClientLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Census census = new Census();
    private final Queue<ClientState> states = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final AtomicInteger handled = new AtomicInteger();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        census.assertNothingLeft();
    }

    private <T extends AutoCloseable> T kept(T made) {
        opened.add(made);
        return made;
    }

    private EventLoop loop() {
        return kept(census.watch(EventLoop.builder().observer(census).start()));
    }

    private Server server(EventLoop loop, Address address, String name) throws IOException {
        return Server.builder()
                .observer(census)
                .onLoop("name", request -> {
                    handled.incrementAndGet();
                    return Message.text(name);
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
                })
                .listen(loop, address);
    }

    private static Address free() {
        return Address.parse("tcp://127.0.0.1:0");
    }

    private ClientBuilder client(Address... addresses) {
        return Client.of(List.of(addresses)).loop(loop()).onState(states::add);
    }

    private static String ask(Client client) throws IOException {
        return client.call("name", Message.text("who"), PATIENCE).text();
    }

    @Test
    void aServerThatComesBackIsFoundAgain() throws Exception {
        Server first = server(loop(), free(), "first");
        Address address = first.address();
        Client client = kept(client(address).waitForReady(true).connect());
        assertThat(ask(client)).isEqualTo("first");
        first.close();
        ((EventLoop) opened.getFirst()).close();
        Await.until("the loss is seen", () -> client.state() != ClientState.READY);
        kept(server(loop(), address, "second"));
        assertThat(ask(client)).isEqualTo("second");
        client.close();
        Await.until("it is closed", () -> client.state() == ClientState.CLOSED);
        assertThat(states).startsWith(ClientState.CONNECTING, ClientState.READY);
        assertThat(states.toArray()).endsWith(ClientState.READY, ClientState.CLOSED);
    }

    @Test
    void withoutWaitingACallFailsWhileNoServerIsThere() throws Exception {
        Client client = kept(client(Address.parse("tcp://127.0.0.1:1")).open());
        assertThatThrownBy(() -> ask(client)).isInstanceOf(ConnectFailedException.class);
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        assertThatThrownBy(() -> ask(client)).isInstanceOf(ConnectFailedException.class);
    }

    @Test
    void aConnectThatFailedIsNotTriedAgainForNobody() throws Exception {
        var ticker = new ManualTicker();
        EventLoop loop = kept(
                census.watch(EventLoop.builder().observer(census).ticker(ticker).start()));
        ClientBuilder settings = Client.of("tcp://127.0.0.1:1").loop(loop).onState(states::add);
        assertThatThrownBy(settings::connect).isInstanceOf(ConnectFailedException.class);
        Await.until("it is closed", () -> states.contains(ClientState.CLOSED));
        ticker.advance(Duration.ofMinutes(1));
        assertThat(Await.within(Duration.ofMillis(50), () -> backings() > 1)).isFalse();
    }

    @Test
    void attemptsComeAtRandomTimesThatGrow() throws Exception {
        var ticker = new ManualTicker();
        EventLoop loop = kept(
                census.watch(EventLoop.builder().observer(census).ticker(ticker).start()));
        Client client = kept(Client.of(List.of(Address.parse("tcp://127.0.0.1:1")))
                .loop(loop)
                .onState(states::add)
                .random(new SplittableRandom(42))
                .open());
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
        Server second = kept(server(loop(), free(), "second"));
        Client client = kept(
                client(Address.parse("tcp://127.0.0.1:1"), second.address()).connect());
        assertThat(ask(client)).isEqualTo("second");
    }

    @Test
    void severalConnectionsShareTheCallsOfSeveralServers() throws Exception {
        Server one = kept(server(loop(), free(), "one"));
        Server two = kept(server(loop(), free(), "two"));
        Client client = kept(client(one.address(), two.address()).connections(2).connect());
        var seen = new HashSet<String>();
        Await.until("both are asked", () -> {
            var names = new ArrayList<CompletableFuture<Message>>();
            for (int i = 0; i < 100; i++) {
                names.add(client.callAsync("name", Message.text("x"), PATIENCE).toCompletableFuture());
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
        EventLoop serverLoop = loop();
        Server first = server(serverLoop, free(), "first");
        Server second = kept(server(loop(), free(), "second"));
        Client client = kept(client(first.address(), second.address()).connect());
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

    /** A server by hand: answers each connection's requests so. */
    private interface Script {
        void play(MessagePeer client, int connection) throws Exception;
    }

    private Address scripted(Script script) throws IOException {
        return scripted(MessagePeer::of, script);
    }

    private Address scripted(Function<RawPeer, MessagePeer> end, Script script) throws IOException {
        ServerSocketChannel listening = kept(RawPeer.listen());
        Thread.startVirtualThread(() -> {
            for (int i = 0; ; i++) {
                try (MessagePeer client = end.apply(RawPeer.accept(listening))) {
                    script.play(client, i);
                } catch (Exception | AssertionError over) {
                    return;
                }
            }
        });
        return RawPeer.addressOf(listening);
    }

    private static Message answer(Message request, String status) {
        Message answer = Message.json("{\"result\": \"Error: so it is\"}")
                .going(Direction.RESPONSE, request.header().id());
        return status.isEmpty() ? answer : answer.with(Header.STATUS, status);
    }

    private Client of(Address address) throws IOException {
        return kept(client(address).connect());
    }

    private static Message json() {
        return Message.json("{\"n\": 1}");
    }

    @Test
    void whatWasNotProcessedIsSentAgainTwiceAtMost() throws Exception {
        var requests = new AtomicInteger();
        Client client = of(scripted((peer, connection) -> {
            while (true) {
                Message request = peer.receive();
                peer.send(answer(request, requests.incrementAndGet() == 3 ? "" : "busy"));
            }
        }));
        assertThat(client.call("x", json(), PATIENCE).status()).isEmpty();
        assertThat(requests).hasValue(3);
        assertThatThrownBy(() -> client.call("x", json(), PATIENCE)).isInstanceOf(RefusedException.class);
        assertThat(requests).hasValue(6);
    }

    @Test
    void retriesAreATenthOfAllCallsAtMost() throws Exception {
        var requests = new AtomicInteger();
        Client client = of(scripted((peer, connection) -> {
            while (true) {
                requests.incrementAndGet();
                peer.send(answer(peer.receive(), "busy"));
            }
        }));
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> client.call("x", json(), PATIENCE)).isInstanceOf(RefusedException.class);
        }
        assertThat(requests.get()).isBetween(100, 100 + 10 + 10 + 1);
    }

    @Test
    void whatMayHaveBeenProcessedIsSentAgainOnlyWithAKey() throws Exception {
        var requests = new AtomicInteger();
        Client client = of(scripted((peer, connection) -> {
            Message request = peer.receive();
            if (requests.incrementAndGet() <= 2) {
                peer.raw.reset();
            } else {
                peer.send(answer(request, ""));
                peer.receive();
            }
        }));
        assertThatThrownBy(() -> client.call("x", json(), PATIENCE))
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
                    assertThat(lost.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
                    assertThat(lost.reason()).isEqualTo(CloseReason.RESET);
                });
        Message again = json().with(Header.IDEMPOTENCY_KEY, "k-1");
        assertThat(client.call("x", again, PATIENCE).status()).isEmpty();
        assertThat(requests).hasValue(3);
    }

    @Test
    void aCallThatIsCancelledIsTakenBackFromTheServer() throws Exception {
        Server server = kept(server(loop(), free(), "it"));
        Client client = of(server.address());
        assertThat(ask(client)).isEqualTo("it");
        var stage = client.callAsync("wait", Message.text("x"), PATIENCE).thenApply(Message::text);
        Await.until("it runs", () -> handled.get() == 2);
        assertThat(stage.toCompletableFuture().cancel(true)).isTrue();
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ask(client)).isEqualTo("it");
    }

    @Test
    void aThreadThatIsInterruptedTakesItsCallBack() throws Exception {
        Server server = kept(server(loop(), free(), "it"));
        Client client = of(server.address());
        var caller = new CompletableFuture<Throwable>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                client.call("wait", Message.text("x"), PATIENCE);
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
    void aServerThatVanishesIsMissed() throws Exception {
        var ticker = new ManualTicker();
        EventLoop loop = kept(
                census.watch(EventLoop.builder().observer(census).ticker(ticker).start()));
        var pings = new AtomicInteger();
        Address address = scripted((peer, connection) -> {
            while (true) {
                Message next = peer.receive();
                if (next.header().text(Header.CONTROL) == null) {
                    if (next.header().id() == 2) {
                        peer.send(answer(next, ""));
                    }
                } else if (pings.incrementAndGet() == 1) {
                    peer.send(request(0, "x", Message.binary("x", new byte[0]))
                            .going(Direction.RESPONSE, 0)
                            .withProtocolKey(Header.CONTROL, "pong"));
                }
            }
        });
        Client client =
                kept(Client.of(List.of(address)).loop(loop).onState(states::add).connect());
        client.call("x", json(), Duration.ZERO);
        var lost = client.callAsync("x", json(), Duration.ZERO).toCompletableFuture();
        ticker.advance(Duration.ofSeconds(31));
        Await.until("it is asked", () -> pings.get() == 1);
        assertThat(Await.within(Duration.ofMillis(50), lost::isDone)).isFalse();
        ticker.advance(Duration.ofSeconds(31));
        Await.until("it is asked again", () -> pings.get() == 2);
        ticker.advance(Duration.ofSeconds(11));
        assertThatThrownBy(() -> lost.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("ping-timeout");
    }

    private static Message control(String name, long id) {
        return Message.binary("x", new byte[0]).going(Direction.RESPONSE, id).withProtocolKey(Header.CONTROL, name);
    }

    private EventLoop loop(ManualTicker ticker) {
        return kept(
                census.watch(EventLoop.builder().observer(census).ticker(ticker).start()));
    }

    /** A first call may take longer than the server waits for a word. */
    @Test
    void aPingIsAnsweredBeforeTheFirstAnswerHasCome() throws Exception {
        var pong = new CompletableFuture<Message>();
        Client client = of(scripted(MessagePeer::unknown, (peer, connection) -> {
            Message question = peer.receive();
            peer.send(control("ping", 9));
            pong.complete(peer.receive());
            peer.send(answer(question, ""));
            peer.send(answer(peer.receive(), ""));
            peer.receive();
        }));
        assertThat(client.call("x", json(), PATIENCE).status()).isEmpty();
        assertThat(pong.join().header().text(Header.CONTROL)).isEqualTo("pong");
        assertThat(pong.join().header().id()).isEqualTo(9);
    }

    @Test
    void aCallThatWaitsToBeSentAgainEndsWithItsClient() throws Exception {
        EventLoop loop = loop(new ManualTicker());
        Address address = scripted((peer, connection) -> {
            while (true) {
                peer.send(answer(peer.receive(), "busy"));
                handled.incrementAndGet();
            }
        });
        Client client = kept(Client.of(List.of(address)).loop(loop).connect());
        var call = client.callAsync("x", json(), Duration.ZERO).toCompletableFuture();
        Await.until("it was refused", () -> handled.get() == 1);
        assertThat(Await.within(Duration.ofMillis(50), call::isDone)).isFalse();
        client.close();
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS)).hasMessageContaining("the client is closed");
    }

    /** The question that comes first has no deadline of its own. */
    @Test
    void aServerThatNeverSaysWhoItIsIsGivenUp() throws Exception {
        var ticker = new ManualTicker();
        Address address = scripted(MessagePeer::unknown, (peer, connection) -> {
            Message question = peer.receive();
            handled.incrementAndGet();
            if (connection > 0) {
                peer.send(answer(question, ""));
                peer.send(answer(peer.receive(), ""));
            }
            peer.raw.receiveToEnd();
        });
        Client client = kept(Client.of(List.of(address)).loop(loop(ticker)).open());
        var answers = client.stream(Action.of("x", Message.class, Message.class), Message.text(""));
        Await.until("it was asked", () -> handled.get() == 1);
        ticker.advance(Duration.ofSeconds(41));
        assertThatThrownBy(answers::receive)
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
                    assertThat(lost.reason()).isEqualTo(CloseReason.PING_TIMEOUT);
                    assertThat(lost.outcome()).isEqualTo(CallException.Outcome.NOT_PROCESSED);
                })
                .hasMessageContaining("silent for 40 s");
        assertThatThrownBy(() -> client.call("x", json(), Duration.ZERO))
                .as("while it backs off")
                .hasMessageContaining("silent for 40 s");
        Await.until("another attempt has succeeded", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return client.state() == ClientState.READY;
        });
        assertThat(client.call("x", json(), Duration.ZERO).status()).isEmpty();
    }

    /** A control has shown who the server is, so the stream was sent before the question was answered. */
    @Test
    void whatWasSentBeforeTheQuestionWasAnsweredIsOfUnknownOutcome() throws Exception {
        Client client = of(scripted(MessagePeer::unknown, (peer, connection) -> {
            peer.receive();
            peer.send(control("ping", 9));
            peer.receive();
            peer.receive();
            peer.raw.reset();
        }));
        var answers = client.stream(Action.of("x", Message.class, Message.class), Message.text(""));
        assertThatThrownBy(answers::receive)
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> assertThat(lost.outcome())
                        .isEqualTo(CallException.Outcome.UNKNOWN));
    }

    @Test
    void whoWatchesTheStateMayThrow() throws Exception {
        Server server = kept(server(loop(), free(), "it"));
        Client client = kept(Client.of(List.of(server.address()))
                .loop(loop())
                .onState(state -> {
                    throw new IllegalStateException("the watcher's own");
                })
                .connect());
        assertThat(ask(client)).isEqualTo("it");
    }

    @Test
    void aPlainClientThatClosesEndsItsCalls() throws Exception {
        Address address = scripted((peer, connection) -> {
            peer.receive();
            handled.incrementAndGet();
            peer.raw.receiveToEnd();
        });
        Client client = Client.plain(loop(), address);
        var call = client.callAsync(json(), Duration.ZERO).toCompletableFuture();
        Await.until("it was sent", () -> handled.get() == 1);
        client.close();
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("the client is closed");
        assertThatThrownBy(() -> client.call(json(), PATIENCE))
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> assertThat(lost.outcome())
                        .isEqualTo(CallException.Outcome.NOT_PROCESSED));
    }
}
