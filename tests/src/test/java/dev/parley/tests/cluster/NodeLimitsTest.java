package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header;
import dev.parley.net.EventLoop;
import dev.parley.net.MemoryCap;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.cluster.ClusterBed.Over;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests messages that the first node takes, but the node that handles them does not. They must not harm other clients.
 */
@Timeout(120)
class NodeLimitsTest {
    private static final Action<Integer, Integer> COUNT = Action.of("count", Integer.class, Integer.class);
    private static final Action<String, String> TALK = Action.of("talk", String.class, String.class);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private final ClusterBed nodes = new ClusterBed(bed);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    /** Starts a node that takes contents of 1,000 bytes. */
    private void listen(Over over) throws Exception {
        nodes.listen(nodes.node(over)
                .limits(MessageLimits.DEFAULT.withFrame(FrameLimits.DEFAULT.withContentBytesMax(1_000)))
                .on("echo", request -> request)
                .onDuplex(TALK, (in, out, exchange) -> {
                    for (String line : in) {
                        out.send(line);
                    }
                })
                .onStream(COUNT, (n, out) -> {
                    out.send(1);
                    mayEnd.await();
                    out.send(2);
                }));
    }

    /** Opens a stream of another client, which must go on. */
    private InStream<Integer> openOther(Over over) throws Exception {
        InStream<Integer> other = bed.keep(nodes.entrance(over).stream(COUNT, 2));
        assertThat(other.receive()).isEqualTo(1);
        return other;
    }

    private void assertGoesOn(InStream<Integer> other) throws Exception {
        mayEnd.countDown();
        assertThat(other.receive()).isEqualTo(2);
        assertThat(other.receive()).isNull();
    }

    private static Message withKeys(int count, int length, Message first) {
        Message message = first;
        for (int i = 0; i < count; i++) {
            message = MessagePeer.unchecked(message, "x-" + i, "y".repeat(length));
        }
        return message;
    }

    @ParameterizedTest
    @EnumSource
    void aRequestIsRefusedAlone(Over over) throws Exception {
        listen(over);
        InStream<Integer> other = openOther(over);
        MessagePeer peer = bed.peer(nodes.listen(nodes.node(over)));
        peer.send(MessagePeer.request(1, "echo", Message.text("first")));
        assertThat(peer.receiveAnswer().text()).isEqualTo("first");
        peer.send(withKeys(58, 1, MessagePeer.request(2, "echo", Message.text("x"))));
        assertThat(peer.receiveAnswer().status()).contains("bad-header");
        Message large = withKeys(50, 130, MessagePeer.request(3, "echo", Message.text("x")));
        int rest = 8_192 - (MessagePeer.bytes(large).length - 2 - large.contentLength()) - ", \"z\": \"\"".length();
        peer.send(MessagePeer.unchecked(large, "z", "z".repeat(rest)));
        assertThat(peer.receiveAnswer().status()).contains("header-too-large");
        peer.send(MessagePeer.request(4, "echo", Message.binary("x", new byte[1_001])));
        assertThat(peer.receiveAnswer().status()).contains("content-too-large");
        peer.send(MessagePeer.request(5, "talk", Message.binary("x", new byte[1_001]))
                .withProtocolKey(Header.MORE, true));
        assertThat(peer.receiveAnswer().status()).contains("content-too-large");
        peer.send(MessagePeer.request(6, "echo", Message.text("last")));
        assertThat(peer.receiveAnswer().text()).isEqualTo("last");
        assertGoesOn(other);
    }

    @ParameterizedTest
    @EnumSource
    void aLaterMessageEndsItsStreamAlone(Over over) throws Exception {
        listen(over);
        InStream<Integer> other = openOther(over);
        Client client = nodes.entrance(over);
        for (int length : new int[] {2_000, 300_000}) {
            try (Duplex<String, String> talk = client.duplex(TALK)) {
                talk.send("short");
                assertThat(talk.receive()).isEqualTo("short");
                talk.send("x".repeat(length));
                assertThatThrownBy(talk::receive).isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.code()).as(e.toString()).isEqualTo("content-too-large");
                    assertThat(e.reason()).contains("contentBytesMax is 1000");
                    assertThat(e.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
                });
            }
        }
        assertGoesOn(other);
    }

    /** All requests of other nodes come on one connection, which must not be closed as the largest one. */
    @ParameterizedTest
    @EnumSource
    void aNodeThatIsShortOfMemoryRefusesRequestsAndHarmsNoOthers(Over over) throws Exception {
        MemoryCap cap = MemoryCap.of(8 * 1024 * 1024);
        var held = new AtomicInteger();
        nodes.listen(nodes.node(over)
                .loop(EventLoop.builder().memory(cap).ticker(bed.ticker()))
                .on("hold", request -> {
                    held.incrementAndGet();
                    mayEnd.await();
                    return Message.text("held");
                })
                .onStream(COUNT, (n, out) -> {
                    out.send(1);
                    mayEnd.await();
                    out.send(2);
                }));
        InStream<Integer> other = openOther(over);
        Client client = bed.keep(Client.builder(nodes.listen(nodes.node(over)).address())
                .retries(false)
                .connect());
        var calls = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < 16; i++) {
            int before = held.get();
            CompletableFuture<Message> call = client.callAsync(
                            "hold", Message.binary("x", new byte[900_000]), CallOptions.timeout(Duration.ofHours(10)))
                    .toCompletableFuture();
            calls.add(call);
            Await.until("it is held or refused", () -> {
                bed.ticker().advance(Duration.ofMillis(10)); // until then, it may wait for room for its response
                return call.isDone() || held.get() > before;
            });
        }
        for (int i = 0; i < 20; i++) {
            bed.ticker().advance(Duration.ofMillis(100)); // the cap would close a connection after a second
        }
        mayEnd.countDown();
        int refused = 0;
        for (CompletableFuture<Message> call : calls) {
            try {
                assertThat(call.get().text()).isEqualTo("held");
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOfSatisfying(RefusedException.class, busy -> assertThat(busy.code())
                        .isEqualTo("busy"));
                refused++;
            }
        }
        assertThat(refused).isBetween(4, 14);
        assertGoesOn(other);
        Await.until("nothing is held", () -> cap.heldBytes() == 0);
    }
}
