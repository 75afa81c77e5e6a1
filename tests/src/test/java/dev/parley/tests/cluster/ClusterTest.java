package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.Authorizer;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.Topic;
import dev.parley.frame.Header;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.cluster.ClusterBed.Over;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what every cluster does, whatever connects its nodes. */
@Timeout(300)
class ClusterTest {
    record Search(String value) {}

    record Answer(String result) {}

    private static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);
    private static final Duration GRACE = Duration.ofSeconds(5);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private final ClusterBed nodes = new ClusterBed(bed);

    @ParameterizedTest
    @EnumSource
    void anActionThatIsNotHereIsAnsweredByANodeThatHasIt(Over over) throws Exception {
        nodes.listen(nodes.node(over).on(SEARCH, asked -> new Answer("found " + asked.value())));
        Client client = nodes.entrance(over);
        assertThat(client.call(SEARCH, new Search("ring"))).isEqualTo(new Answer("found ring"));
        Client plain = bed.keep(Client.builder(nodes.listen(nodes.node(over)).address())
                .plain(true)
                .connect());
        Message asked = Message.json("{\"action\": \"search\", \"value\": \"ring\"}");
        assertThat(plain.call(asked).text()).isEqualTo("{\"result\":\"found ring\"}");
    }

    @ParameterizedTest
    @EnumSource
    void aServersOwnHandlerComesFirst(Over over) throws Exception {
        nodes.listen(nodes.node(over).on(SEARCH, asked -> new Answer("of the other")));
        Server own = nodes.listen(nodes.node(over).on(SEARCH, asked -> new Answer("my own")));
        Client client = bed.keep(Client.connect(own.address()));
        for (int i = 0; i < 10; i++) {
            assertThat(client.call(SEARCH, new Search("x")).result()).isEqualTo("my own");
        }
    }

    @ParameterizedTest
    @EnumSource
    void errorsKeepTheirCodes(Over over) throws Exception {
        nodes.listen(nodes.node(over)
                .on(SEARCH, asked -> {
                    throw new ApplicationException("sold-out", "no more of " + asked.value());
                })
                .on("broken", request -> {
                    throw new IllegalStateException("on purpose");
                }));
        Client client = nodes.entrance(over);
        assertThatThrownBy(() -> client.call(SEARCH, new Search("rings")))
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.code()).isEqualTo("failed");
                    assertThat(e.applicationCode()).isEqualTo("sold-out");
                    assertThat(e.reason()).endsWith("no more of rings");
                });
        assertRefused("internal", () -> client.call("broken", Message.text("")));
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("on purpose");
        assertRefused("unknown-action", () -> client.call("nowhere", Message.text("")));
        assertRefused("bad-content", () -> client.call("search", Message.json("{\"value\": 7}")));
    }

    private static void assertRefused(String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }

    /** Handles a request until it is cancelled. */
    private static Message hang(Message request, CountDownLatch began, CountDownLatch cancelled) {
        began.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            cancelled.countDown();
        }
        return request;
    }

    @ParameterizedTest
    @EnumSource
    void aRequestEndsByItsTimeLimitAndItsHandlerIsCancelled(Over over) throws Exception {
        var cancelled = new CountDownLatch(1);
        nodes.listen(nodes.node(over).on("hang", request -> hang(request, new CountDownLatch(1), cancelled)));
        Client client = nodes.entrance(over);
        var options = CallOptions.timeout(Duration.ofMillis(400));
        long began = System.nanoTime();
        assertThatThrownBy(() -> client.call("hang", Message.text(""), options))
                .isInstanceOfAny(TimedOutException.class, RefusedException.class)
                .satisfies(e -> assertThat(((CallException) e).outcome()).isEqualTo(CallException.Outcome.UNKNOWN));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        cancelled.await();
    }

    @ParameterizedTest
    @EnumSource
    void aCallThatIsCancelledIsCancelledOnTheOtherNode(Over over) throws Exception {
        var began = new CountDownLatch(1);
        var cancelled = new CountDownLatch(1);
        nodes.listen(nodes.node(over).on("hang", request -> hang(request, began, cancelled)));
        Client client = nodes.entrance(over);
        var call = client.callAsync("hang", Message.text(""), CallOptions.timeout(Duration.ofMinutes(4)))
                .toCompletableFuture();
        began.await();
        call.cancel(true);
        cancelled.await();
    }

    @ParameterizedTest
    @EnumSource
    void headersOfTheApplicationPassInBothDirectionsAndCredentialsDoNot(Over over) throws Exception {
        nodes.listen(nodes.node(over).on("echo", (request, exchange) -> {
            Header header = exchange.header();
            return Message.text(header.text("x-tenant") + " " + header.text(Header.AUTHORIZATION))
                    .with("x-served-by", "worker");
        }));
        Client client = nodes.entrance(over);
        var options =
                CallOptions.DEFAULT.withHeader("x-tenant", "blue").withHeader(Header.AUTHORIZATION, "Bearer secret");
        Message response = client.call("echo", Message.text(""), options);
        assertThat(response.text()).isEqualTo("blue null");
        assertThat(response.header().text("x-served-by")).isEqualTo("worker");
    }

    @ParameterizedTest
    @EnumSource
    void thePrincipalPassesAndCannotBeClaimed(Over over) throws Exception {
        Map<String, Principal> users = Map.of("Bearer a", () -> "ann", "Bearer b", () -> "böb");
        Authorizer authorizer = Authorizer.byCredentials(users::get);
        nodes.listen(nodes.node(over)
                .authorization(authorizer)
                .on(
                        "who",
                        (request, exchange) ->
                                Message.text(exchange.principal().orElseThrow().getName())));
        Server entrance = nodes.listen(nodes.node(over).authorization(authorizer));
        Client client = bed.keep(Client.connect(entrance.address()));
        for (String user : List.of("a ann", "b böb", "a ann")) {
            var options = CallOptions.DEFAULT.withHeader(Header.AUTHORIZATION, "Bearer " + user.substring(0, 1));
            assertThat(client.call("who", Message.text(""), options).text()).isEqualTo(user.substring(2));
        }
        var stranger = CallOptions.DEFAULT.withHeader(Header.AUTHORIZATION, "node x ann");
        assertRefused("unauthorized", () -> client.call("who", Message.text(""), stranger));
        Client open = nodes.entrance(over); // a node without an authorizer cannot vouch for a principal
        assertRefused("unauthorized", () -> open.call("who", Message.text("")));
    }

    @ParameterizedTest
    @EnumSource
    void workersShareTheRequests(Over over) throws Exception {
        Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
        for (String worker : List.of("one", "two", "three")) {
            nodes.listen(nodes.node(over).on("work", request -> {
                counts.computeIfAbsent(worker, name -> new AtomicInteger()).incrementAndGet();
                return Message.text(worker);
            }));
        }
        Client client = nodes.entrance(over);
        for (int i = 0; i < 300; i++) {
            assertThat(client.call("work", Message.text("")).text()).isNotEmpty();
        }
        assertThat(counts).hasSize(3);
        assertThat(counts.values()).allMatch(count -> count.get() > 30);
        assertThat(counts.values().stream().mapToInt(AtomicInteger::get).sum()).isEqualTo(300);
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatDrainsAnswersWhatItHasAndGetsNoMore(Over over) throws Exception {
        var began = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        Server first = nodes.listen(nodes.node(over).on("work", request -> {
            began.countDown();
            go.await();
            return Message.text("first");
        }));
        Client client = nodes.entrance(over);
        var held =
                client.callAsync("work", Message.text(""), CallOptions.DEFAULT).toCompletableFuture();
        began.await();
        nodes.listen(nodes.node(over).on("work", request -> Message.text("second")));
        Thread drain = Thread.startVirtualThread(() -> {
            try {
                first.drain(GRACE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Await.until("the first node serves no more", () -> !first.isServing());
        Await.until("only the second node answers", () -> {
            try {
                var brief = CallOptions.timeout(Duration.ofMillis(200));
                return client.call("work", Message.text(""), brief).text().equals("second");
            } catch (IOException stillOfTheFirst) {
                return false;
            }
        });
        for (int i = 0; i < 20; i++) {
            assertThat(client.call("work", Message.text("")).text()).isEqualTo("second");
        }
        go.countDown();
        assertThat(held.get().text()).isEqualTo("first");
        drain.join();
    }

    @ParameterizedTest
    @EnumSource
    void oddNamesReachNoNode(Over over) throws Exception {
        var reached = new AtomicInteger();
        nodes.listen(nodes.node(over).on("a.b", request -> {
            reached.incrementAndGet();
            return request;
        }));
        Client client = nodes.entrance(over);
        assertThat(client.call("a.b", Message.text("")).text()).isEmpty();
        List<String> odd = OddNames.all();
        assertThat(odd).hasSizeGreaterThanOrEqualTo(50);
        for (String name : odd) {
            assertRefused("unknown-action", () -> client.call(OddNames.question(name)));
        }
        assertThat(reached).hasValue(1);
    }

    /** As values of a topic, odd names cannot come from clients; but a program may take them from anywhere. */
    @ParameterizedTest
    @EnumSource
    void oddNamesAreNoNamesOfTopics(Over over) throws Exception {
        Cluster cluster = nodes.cluster(over);
        var text = Codec.of(String.class);
        for (String name : OddNames.all()) {
            assertThatIllegalArgumentException()
                    .as(name)
                    .isThrownBy(() -> cluster.share(name, text, new Topic<>(1, Topic.Policy.DROP_OLDEST)))
                    .withMessageContaining("a topic's name must be");
            assertThatIllegalArgumentException()
                    .as(name)
                    .isThrownBy(() -> cluster.durable(name, text, Duration.ofDays(1), 1_000))
                    .withMessageContaining("a topic's name must be");
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneWayRequestsReachANodeAndOnlyOne(Over over) throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 2; i++) {
            nodes.listen(nodes.node(over).on(SEARCH, asked -> {
                got.add(asked.value());
                return new Answer("not wanted");
            }));
        }
        Client client = nodes.entrance(over);
        for (int i = 0; i < 50; i++) {
            client.send(SEARCH, new Search("number " + i)).toCompletableFuture().get();
        }
        Await.until("all have come", () -> got.size() >= 50);
        client.send(SEARCH, new Search("last")).toCompletableFuture().get();
        Await.until("the last one has come", () -> got.contains("last"));
        assertThat(got).doesNotHaveDuplicates().hasSize(51);
        client.send(Action.of("nowhere", Search.class, Answer.class), new Search("x"))
                .toCompletableFuture()
                .get();
        assertThat(client.call(SEARCH, new Search("still")).result()).isEqualTo("not wanted");
    }

    @ParameterizedTest
    @EnumSource
    void topicsReachTheSubscribersOfEveryNode(Over over) throws Exception {
        List<String> here = new CopyOnWriteArrayList<>();
        List<String> there = new CopyOnWriteArrayList<>();
        var topic = new Topic<String>(1_000, Topic.Policy.BLOCK);
        nodes.cluster(over).share("news", Codec.of(String.class), topic);
        topic.subscribe(new CollectingSubscriber(here));
        if (over == Over.NATS) {
            var other = new Topic<String>(1_000, Topic.Policy.BLOCK);
            nodes.cluster(over).share("news", Codec.of(String.class), other);
            other.subscribe(new CollectingSubscriber(there));
            Await.until("the subscription is there", () -> {
                topic.publish("are you there?");
                return !there.isEmpty();
            });
            there.clear();
            here.clear();
        }
        for (int i = 0; i < 100; i++) {
            topic.publish("news " + i);
        }
        assertThat(here).hasSize(100);
        if (over == Over.NATS) {
            Await.until(
                    "all came",
                    () -> there.stream().filter(text -> text.startsWith("news")).count() == 100);
            assertThat(there.stream().filter(text -> text.startsWith("news"))).isEqualTo(here);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeWrittenReachesTheSubscribersOfItsOwnNode(Over over) throws Exception {
        List<String> here = new CopyOnWriteArrayList<>();
        var topic = new Topic<String>(10, Topic.Policy.DROP_OLDEST);
        nodes.cluster(over).share("news", new UnwritableCodec(), topic);
        topic.subscribe(new CollectingSubscriber(here));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topic.publish("text"))
                .withMessageContaining("on purpose");
        assertThat(here).containsExactly("text");
    }

    private static final class UnwritableCodec implements Codec<String> {
        @Override
        public Message write(String value) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public String read(Message message) {
            return message.text();
        }
    }
}
