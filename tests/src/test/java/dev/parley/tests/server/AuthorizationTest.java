package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.Duplex;
import dev.parley.Exchange;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.ConnectionInfo;
import dev.parley.testkit.Await;
import dev.parley.testkit.FaultProxy;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a server that knows its callers: every kind of request, reconnects, revocation, and what is kept with a
 * connection.
 */
@Timeout(120)
class AuthorizationTest {
    private static final Action<String, String> WHO = Action.of("who", String.class, String.class);
    private static final Action<String, String> HERE = Action.of("here", String.class, String.class);
    private static final Action<String, String> STREAM = Action.of("stream", String.class, String.class);
    private static final Action<String, String> DUPLEX = Action.of("duplex", String.class, String.class);
    private static final Action<Message, String> UPLOAD = Action.of("upload", Message.class, String.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Map<String, Principal> users = new ConcurrentHashMap<>(Map.of(
            "Bearer ann", new User("ann"),
            "Bearer bob", new User("bob")));
    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<String> hooks = new ConcurrentLinkedQueue<>();
    private final CountDownLatch mayReturn = new CountDownLatch(1);
    private final AtomicInteger waiting = new AtomicInteger();
    private Server server;

    private record User(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }

    @BeforeEach
    void serve() throws Exception {
        server = bed.keep(bed.server()
                .authorization(this::judge)
                .filter((request, chain) -> {
                    hooks.add(chain.action() + " by " + name(chain.exchange()));
                    return chain.proceed(request);
                })
                .onConnected(connection -> {
                    connection.attributes().put("seen", new AtomicInteger());
                    hooks.add("connected");
                })
                .onDisconnected(connection -> hooks.add(
                        "disconnected after " + connection.attributes().get("seen")))
                .on(WHO, (text, exchange) -> name(exchange))
                .onLoop(HERE, (text, exchange) -> name(exchange))
                .on("wait", request -> {
                    waiting.incrementAndGet();
                    mayReturn.await();
                    return request;
                })
                .onStream(STREAM, (text, out, exchange) -> {
                    out.send(name(exchange));
                    if (text.equals("wait")) {
                        mayReturn.await();
                    }
                })
                .onDuplex(DUPLEX, (in, out, exchange) -> {
                    for (String each : in) {
                        out.send(each + " by " + name(exchange));
                    }
                })
                .onUpload(UPLOAD, (in, exchange) -> {
                    in.bytes().readAllBytes();
                    return name(exchange);
                })
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
    }

    @AfterEach
    void letGo() {
        mayReturn.countDown();
    }

    private @Nullable Principal judge(Exchange exchange) {
        asked.incrementAndGet();
        String shown = exchange.header().text("authorization");
        return shown == null ? null : users.get(shown);
    }

    private static String name(Exchange exchange) {
        ((AtomicInteger) exchange.connection().attributes().computeIfAbsent("seen", key -> new AtomicInteger()))
                .incrementAndGet();
        return exchange.principal().map(Principal::getName).orElse("unknown");
    }

    private Client client(Address address, @Nullable String credentials) throws IOException {
        return bed.keep(Client.builder(address)
                .loop(bed.newLoop())
                .retries(false)
                .authorization(() -> credentials)
                .connect());
    }

    private static void assertUnauthorized(Client client) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call(WHO, "x"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("unauthorized"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"call", "loop", "raw", "stream", "duplex", "upload", "send"})
    void everyKindOfRequestMayBeTheFirst(String kind) throws Exception {
        Client client = client(server.address(), "Bearer ann");
        String name =
                switch (kind) {
                    case "call" -> client.call(WHO, "x");
                    case "loop" -> client.call(HERE, "x");
                    case "raw" -> client.call("who", Message.json("\"x\"")).as(String.class);
                    case "stream" -> {
                        try (InStream<String> in = client.stream(STREAM, "x")) {
                            yield String.valueOf(in.receive());
                        }
                    }
                    case "duplex" -> {
                        try (Duplex<String, String> duplex = client.duplex(DUPLEX)) {
                            duplex.send("it is");
                            yield String.valueOf(duplex.receive()).replace("it is by ", "");
                        }
                    }
                    case "upload" -> client.upload(UPLOAD, new ByteArrayInputStream(new byte[100_000]));
                    default -> {
                        client.send(WHO, "x").toCompletableFuture().get(60, TimeUnit.SECONDS);
                        Await.until("it was handled", () -> hooks.contains("who by ann"));
                        yield "ann";
                    }
                };
        assertThat(name).isEqualTo("ann");
        assertThat(asked).hasValue(1);
    }

    @Test
    void whoShowsCredentialsOnceIsKnownOnThatConnection() throws Exception {
        Client client = client(server.address(), null);
        assertUnauthorized(client);
        CallOptions ann = CallOptions.DEFAULT.withHeader("authorization", "Bearer ann");
        assertThat(client.call(WHO, "x", ann)).isEqualTo("ann");
        assertThat(client.call(WHO, "x")).isEqualTo("ann");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call(WHO, "x", CallOptions.DEFAULT.withHeader("authorization", "Bearer eve")));
        assertThat(client.call(WHO, "x")).isEqualTo("ann");
        assertThat(client.call(WHO, "x", CallOptions.DEFAULT.withHeader("authorization", "Bearer bob")))
                .isEqualTo("bob");
        assertUnauthorized(client(server.address(), null));
    }

    @Test
    void aStreamIsTheFirstAfterAReconnect() throws Exception {
        var losses = new AtomicInteger();
        try (var proxy = FaultProxy.start(server.address())) {
            Client client = bed.keep(Client.builder(proxy.address())
                    .loop(bed.newLoop())
                    .waitForReady(true)
                    .authorization(() -> "Bearer ann")
                    .onState(change -> losses.addAndGet(change.state() == ClientState.BACKING_OFF ? 1 : 0))
                    .connect());
            for (int round = 0; round < 3; round++) {
                int lost = round;
                Await.until("the client knows that its connection is lost", () -> losses.get() == lost);
                try (Duplex<String, String> duplex = client.duplex(DUPLEX)) {
                    duplex.send("" + round);
                    assertThat(duplex.receive()).isEqualTo(round + " by ann");
                }
                proxy.resetConnections();
            }
        }
        assertThat(asked.get()).isGreaterThanOrEqualTo(3);
    }

    private static void assertMayHaveRun(RefusedException revoked) {
        assertThat(revoked.code()).isEqualTo("cancelled");
        assertThat(revoked.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
    }

    @Test
    void whatIsRevokedEndsInTheMiddleOfAStream() throws Exception {
        Client ann = client(server.address(), "Bearer ann");
        Client bob = client(server.address(), "Bearer bob");
        try (InStream<String> ofAnn = ann.stream(STREAM, "wait");
                InStream<String> ofBob = bob.stream(STREAM, "wait")) {
            assertThat(ofAnn.receive()).isEqualTo("ann");
            assertThat(ofBob.receive()).isEqualTo("bob");
            var call = ann.callAsync("wait", Message.text(""), CallOptions.DEFAULT.withoutTimeout())
                    .toCompletableFuture();
            Await.until("it waits", () -> waiting.get() == 1);
            users.remove("Bearer ann");
            server.revoke(principal -> principal.getName().equals("ann"));
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(ofAnn::receive)
                    .satisfies(AuthorizationTest::assertMayHaveRun)
                    .withMessageContaining("the authorization was revoked");
            assertThat(call)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOfSatisfying(RefusedException.class, AuthorizationTest::assertMayHaveRun);
            assertUnauthorized(ann);
            assertThat(bob.call(WHO, "x")).isEqualTo("bob");
            mayReturn.countDown();
            assertThat(ofBob.receive()).isNull();
        }
        users.put("Bearer ann", new User("ann"));
        assertThat(ann.call(WHO, "x")).isEqualTo("ann");
    }

    @Test
    void aRequestThatIsBeingJudgedIsJudgedAgain() throws Exception {
        var mayJudge = new CountDownLatch(1);
        var judging = new CountDownLatch(1);
        var calls = new AtomicInteger();
        Server slow = bed.keep(bed.server()
                .authorization(exchange -> {
                    Principal found = users.get("Bearer ann");
                    if (calls.getAndIncrement() == 0) {
                        judging.countDown();
                        mayJudge.await();
                    }
                    return found;
                })
                .on(WHO, (text, exchange) -> name(exchange))
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        Client client = client(slow.address(), null);
        var call = client.callAsync(WHO, "x").toCompletableFuture();
        assertThat(judging.await(60, TimeUnit.SECONDS)).isTrue();
        users.remove("Bearer ann");
        slow.revoke(principal -> true);
        assertUnauthorized(client(slow.address(), null)); // so the loop has revoked
        mayJudge.countDown();
        assertThat(call).failsWithin(Duration.ofSeconds(60)).withThrowableThat().withMessageContaining("unauthorized");
    }

    @Test
    void anAuthorizerThatThrowsRefusesOnlyThatRequest() throws Exception {
        Server broken = bed.keep(bed.server()
                .authorization(exchange -> {
                    if (exchange.header().text("x-bad") != null) {
                        throw new IllegalStateException("its own");
                    }
                    return new User("all");
                })
                .on(WHO, (text, exchange) -> name(exchange))
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        Client client = client(broken.address(), null);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call(WHO, "x", CallOptions.DEFAULT.withHeader("x-bad", "yes")))
                .satisfies(e -> assertThat(e.code()).isEqualTo("internal"));
        assertThat(client.call(WHO, "x")).isEqualTo("all");
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("its own");
    }

    @Test
    void hooksSeeEachConnectionAndWhatIsKeptWithIt() throws Exception {
        Client client = client(server.address(), "Bearer ann");
        client.call(WHO, "x");
        client.call(WHO, "x");
        client.close();
        Await.until("it has disconnected", () -> hooks.stream().anyMatch(each -> each.startsWith("disconnected")));
        assertThat(hooks).containsExactly("connected", "who by ann", "who by ann", "disconnected after 4");
    }

    @Test
    void aHookThatThrowsHarmsNobody() throws Exception {
        var thrown = new AtomicReference<ConnectionInfo>();
        Server hooked = bed.keep(bed.server()
                .onConnected(connection -> {
                    thrown.set(connection);
                    throw new IllegalStateException("its own");
                })
                .on(WHO, (text, exchange) -> name(exchange))
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        assertThat(client(hooked.address(), null).call(WHO, "x")).isEqualTo("unknown");
        assertThat(thrown.get()).isNotNull();
        assertThat(bed.census().takeFailures())
                .singleElement()
                .asString()
                .contains("what was to run when connection", "had connected", "its own");
        assertThatIllegalStateException().isThrownBy(() -> hooked.revoke(principal -> true));
    }

    /** A plain request has no id, so its connection ends with the error. */
    @Test
    void aPlainRequestUnderWayEndsWithoutItsAnswer() throws Exception {
        var interrupted = new CountDownLatch(1);
        var begun = new CountDownLatch(1);
        Server plain = bed.keep(bed.server()
                .authorization(exchange -> new User("all"))
                .on("wait", request -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                    return Message.text("the answer");
                })
                .onLoop("here", request -> request)
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        MessagePeer peer = bed.peer(plain);
        peer.send(Message.json("{\"action\": \"wait\"}")).send(Message.json("{\"action\": \"here\"}"));
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        plain.revoke(principal -> true);
        assertThat(peer.receive().status()).contains("cancelled");
        assertThat(peer.receive().status()).contains("going-away");
        Message last = peer.receive();
        assertThat(last.status()).contains("unauthorized");
        assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    @Test
    void aPredicateThatThrowsForOnePrincipalRevokesTheOthers() throws Exception {
        Client ann = client(server.address(), "Bearer ann");
        Client bob = client(server.address(), "Bearer bob");
        assertThat(ann.call(WHO, "x") + bob.call(WHO, "x")).isEqualTo("annbob");
        users.clear();
        server.revoke(principal -> {
            if (principal.getName().equals("ann")) {
                throw new ClassCastException("its own");
            }
            return true;
        });
        assertUnauthorized(bob);
        assertThat(ann.call(WHO, "x")).isEqualTo("ann");
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("revoking principals", "its own");
    }

    /** The revocation of another principal has one request judged again; the others still rely on what was shown. */
    @Test
    void aRevocationForgetsNoOtherPrincipalOfTheConnection() throws Exception {
        var mayJudge = new Semaphore(0);
        Server slow = bed.listen(bed.server()
                .authorization(exchange -> {
                    Principal judged = judge(exchange);
                    if (asked.get() > 1) {
                        mayJudge.acquire();
                    }
                    return judged;
                })
                .on("name", (request, exchange) -> Message.text(name(exchange))));
        MessagePeer peer = bed.peer(slow);
        Message who = Message.text("");
        peer.send(MessagePeer.request(1, "name", who).with(Header.AUTHORIZATION, "Bearer ann"));
        assertThat(peer.receive().text()).isEqualTo("ann");
        peer.send(MessagePeer.request(2, "name", who).with(Header.AUTHORIZATION, "Bearer bob"));
        Await.until("bob is judged", () -> asked.get() == 2);
        var revoking = new CountDownLatch(1);
        slow.revoke(principal -> {
            revoking.countDown();
            return principal.getName().equals("cid");
        });
        assertThat(revoking.await(60, TimeUnit.SECONDS)).isTrue();
        peer.send(MessagePeer.request(4, "name", who)); // the loop has revoked before it reads this
        assertThat(peer.receive().text()).isEqualTo("ann");
        mayJudge.release();
        Await.until("bob is judged again", () -> asked.get() == 3);
        peer.send(MessagePeer.request(3, "name", who));
        assertThat(peer.receive().text()).isEqualTo("ann");
        mayJudge.release();
        assertThat(peer.receive().text()).isEqualTo("bob");
        assertThat(asked).hasValue(3);
    }
}
