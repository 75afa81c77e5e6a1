package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Authorizer;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header;
import dev.parley.net.BindFailedException;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.cluster.ClusterBed.Over;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tests that one client does no harm to the clients of other nodes, although a node carries the requests of all other
 * nodes on one connection inside it.
 */
@Timeout(120)
class ClusterNodeTest {
    private static final Action<String, String> TALK = Action.of("talk", String.class, String.class);
    private static final Action<Integer, Integer> COUNT = Action.of("count", Integer.class, Integer.class);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private final ClusterBed nodes = new ClusterBed(bed);

    /** Sends the question, and then waits until the answer is no longer wanted. */
    private ServerBuilder counting(Over over, AtomicInteger cancelled) throws Exception {
        return nodes.node(over).onStream(COUNT, (n, out, exchange) -> {
            var end = new CountDownLatch(1);
            exchange.onCancel(() -> {
                cancelled.incrementAndGet();
                end.countDown();
            });
            out.send(n);
            end.await();
        });
    }

    @ParameterizedTest
    @EnumSource
    void streamsThatAreCancelledTogetherHarmNoOthers(Over over) throws Exception {
        var cancelled = new AtomicInteger();
        nodes.listen(counting(over, cancelled).on("echo", request -> request));
        Client other = nodes.entrance(over);
        InStream<Integer> stays = bed.keep(other.stream(COUNT, 7));
        assertThat(stays.receive()).isEqualTo(7);
        var opened = new ArrayList<InStream<Integer>>();
        Client many = other;
        for (int i = 0; i < 300; i++) {
            if (i % 60 == 0) {
                many = nodes.entrance(over); // since a connection may have 100 streams
            }
            InStream<Integer> each = many.stream(COUNT, i);
            assertThat(each.receive()).isEqualTo(i);
            opened.add(each);
        }
        opened.forEach(InStream::close);
        Await.until("all are cancelled", () -> cancelled.get() == 300);
        for (int i = 0; i < 300; i++) {
            assertThat(other.call("echo", Message.text("x")).text()).isEqualTo("x");
        }
        assertThat(cancelled).as("the other stream goes on").hasValue(300);
    }

    @ParameterizedTest
    @EnumSource
    void requestsWithErrorsHarmNoOthers(Over over) throws Exception {
        var cancelled = new AtomicInteger();
        nodes.listen(counting(over, cancelled).on(TALK, said -> said));
        Client other = nodes.entrance(over);
        InStream<Integer> stays = bed.keep(other.stream(COUNT, 7));
        assertThat(stays.receive()).isEqualTo(7);
        for (int clients = 0; clients < 4; clients++) { // since each is limited at its own server
            Client bad = bed.keep(Client.connect(nodes.listen(nodes.node(over)).address()));
            for (int i = 0; i < 60; i++) {
                assertThatThrownBy(() -> bad.call("talk", Message.json("{bad"))).isInstanceOf(RefusedException.class);
            }
        }
        assertThat(other.call(TALK, "still")).isEqualTo("still");
        assertThat(cancelled).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedRequestIsNotRepeatedByTheCluster(Over over) throws Exception {
        var runs = new AtomicInteger();
        nodes.listen(nodes.node(over).on("full", request -> {
            runs.incrementAndGet();
            throw new RequestRejectedException(ErrorCode.BUSY, "come back later");
        }));
        Client client = bed.keep(Client.builder(nodes.listen(nodes.node(over)).address())
                .retries(false)
                .connect());
        assertThatThrownBy(() -> client.call("full", Message.text(""))).hasMessageContaining("come back later");
        assertThat(runs).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void serversThatShareOneClusterObjectAnswerForEachOther(Over over) throws Exception {
        Cluster shared = nodes.cluster(over);
        Server worker = nodes.listen(bed.server()
                .cluster(shared)
                .on(TALK, said -> "heard " + said)
                .onStream(COUNT, (to, out) -> out.send(to)));
        Client client = bed.keep(
                Client.connect(nodes.listen(bed.server().cluster(shared)).address()));
        assertThat(client.call(TALK, "it")).isEqualTo("heard it");
        try (InStream<Integer> counted = client.stream(COUNT, 3)) {
            assertThat(counted.receive()).isEqualTo(3);
            assertThat(counted.receive()).isNull();
        }
        worker.close();
        assertThatThrownBy(() -> client.call(TALK, "it"))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.code()).isEqualTo("unknown-action"));
    }

    @ParameterizedTest
    @EnumSource
    void aCallIsCancelledEvenIfItsThreadIsNotInterrupted(Over over) throws Exception {
        var began = new CountDownLatch(1);
        var cancelled = new CountDownLatch(1);
        nodes.listen(nodes.node(over).on("hang", (request, exchange) -> {
            exchange.onCancel(cancelled::countDown);
            began.countDown();
            cancelled.await();
            return request;
        }));
        Server entrance = nodes.listen(nodes.node(over).interrupts(false));
        Client client = bed.keep(Client.connect(entrance.address()));
        CompletableFuture<Message> call =
                client.callAsync("hang", Message.text(""), CallOptions.DEFAULT).toCompletableFuture();
        assertThat(began.await(60, TimeUnit.SECONDS)).isTrue();
        call.cancel(true);
        assertThat(cancelled.await(5, TimeUnit.SECONDS)).isTrue(); // not by the time limit, which is ten seconds
    }

    @ParameterizedTest
    @EnumSource
    void whatIsRevokedEndsOnTheNodeThatHandlesIt(Over over) throws Exception {
        Authorizer authorizer = Authorizer.byCredentials(
                text -> text.startsWith("key of ") ? (Principal) () -> text.substring(7) : null);
        var cancelled = new AtomicInteger();
        var begun = new CountDownLatch(1);
        Server worker =
                nodes.listen(counting(over, cancelled).authorization(authorizer).on("hang", (request, exchange) -> {
                    exchange.onCancel(cancelled::incrementAndGet);
                    begun.countDown();
                    new CountDownLatch(1).await();
                    return request;
                }));
        Client client = bed.keep(Client.connect(
                nodes.listen(nodes.node(over).authorization(authorizer)).address()));
        var streams = new ArrayList<InStream<Integer>>();
        for (String name : List.of("ann", "bob")) {
            CallOptions options = CallOptions.DEFAULT.withHeader(Header.AUTHORIZATION, "key of " + name);
            InStream<Integer> each = bed.keep(client.stream(COUNT, 1, options));
            assertThat(each.receive()).isEqualTo(1);
            streams.add(each);
        }
        CallOptions ofAnn = CallOptions.DEFAULT.withHeader(Header.AUTHORIZATION, "key of ann");
        CompletableFuture<Message> call =
                client.callAsync("hang", Message.text(""), ofAnn).toCompletableFuture();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        worker.revoke(principal -> principal.getName().equals("ann"));
        assertThatThrownBy(() -> streams.getFirst().receive()).satisfies(ClusterNodeTest::assertMayHaveRun);
        assertThat(call)
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableThat()
                .havingCause()
                .satisfies(ClusterNodeTest::assertMayHaveRun);
        Await.until("their handlers are cancelled", () -> cancelled.get() == 2);
    }

    private static void assertMayHaveRun(Throwable revoked) {
        assertThat(revoked).isInstanceOfSatisfying(RefusedException.class, e -> {
            assertThat(e.code()).isEqualTo("cancelled");
            assertThat(e.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
        });
    }

    /** The requests of a server's own clients and those of other nodes count together. */
    @ParameterizedTest
    @EnumSource
    void theLimitOnAllRequestsCountsThoseOfOtherNodesToo(Over over) throws Exception {
        var begun = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        Server worker = nodes.listen(nodes.node(over)
                .limits(MessageLimits.DEFAULT.withInFlightTotalMax(1))
                .on("hang", request -> {
                    begun.countDown();
                    mayEnd.await();
                    return request;
                }));
        CompletableFuture<Message> first = nodes.entrance(over)
                .callAsync("hang", Message.text(""), CallOptions.DEFAULT)
                .toCompletableFuture();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        Client own = bed.keep(Client.builder(worker.address()).retries(false).connect());
        assertThatThrownBy(() -> own.call("hang", Message.text(""))).hasMessageContaining("busy");
        mayEnd.countDown();
        assertThat(first).succeedsWithin(Duration.ofSeconds(60));
        assertThat(worker.requests()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void actionsWithOtherTypesOrKindsAreRefused(Over over) throws Exception {
        nodes.listen(nodes.node(over).on(TALK, said -> said));
        ServerBuilder otherTypes =
                nodes.node(over).on(Action.of("talk", Integer.class, String.class), Object::toString);
        ServerBuilder otherKind = nodes.node(over).onStream(TALK, (said, out) -> out.send(said));
        for (ServerBuilder each : List.of(otherTypes, otherKind)) {
            assertThatThrownBy(() -> nodes.listen(each))
                    .isInstanceOf(BindFailedException.class)
                    .hasMessageContaining("another node offers 'talk' as call from String to String");
        }
        nodes.listen(nodes.node(over).on(TALK, said -> said));
    }

    /** A record that two codecs of one node read and write in different ways. */
    public record Weight(int inGrams) {}

    /** The list of actions gives the second codec's type another name, and the second is another one in each order. */
    @ParameterizedTest
    @EnumSource
    void theOrderOfANodesActionsDoesNotMatter(Over over) throws Exception {
        var mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        Action<Weight, Weight> usual = Action.of("usual", Weight.class, Weight.class);
        Action<Weight, Weight> other =
                Action.of("other", Codec.of(Weight.class, mapper), Codec.of(Weight.class, mapper));
        nodes.listen(nodes.node(over).on(usual, weight -> weight).on(other, weight -> weight));
        nodes.listen(nodes.node(over).on(other, weight -> weight).on(usual, weight -> weight));
        Client client = nodes.entrance(over);
        assertThat(client.call(usual, new Weight(1))).isEqualTo(client.call(other, new Weight(1)));
    }

    @ParameterizedTest
    @EnumSource
    void namesThatLookAlikeStayApart(Over over) throws Exception {
        List<String> names = List.of("a.b", "a-b", "a-b-1", "a-b-2", "a.b-2", "a-b.2", "a.b.2");
        ServerBuilder node = nodes.node(over);
        names.forEach(name -> node.on(name, request -> Message.text(name)));
        nodes.listen(node);
        Client client = nodes.entrance(over);
        for (String name : names) {
            assertThat(client.call(name, Message.text("")).text()).isEqualTo(name);
        }
    }

    @ParameterizedTest
    @EnumSource
    void headersOfEveryLengthThatTheServersAllowPass(Over over) throws Exception {
        MessageLimits limits = MessageLimits.DEFAULT.withFrame(FrameLimits.DEFAULT.withHeaderBytesMax(65_535));
        nodes.listen(nodes.node(over).limits(limits).on("echo", request -> request));
        Client client = bed.keep(
                Client.builder(nodes.listen(nodes.node(over).limits(limits)).address())
                        .limits(limits)
                        .connect());
        for (int keys : List.of(1, 7, 9, 44)) {
            Message sent = Message.text("x");
            for (int i = 0; i < keys; i++) {
                sent = sent.with("x-" + i, Integer.toString(i).repeat(500));
            }
            Message back = client.call("echo", sent);
            for (int i = 0; i < keys; i++) {
                assertThat(back.header().text("x-" + i)).isEqualTo(sent.header().text("x-" + i));
            }
        }
    }
}
