package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.MessageReader;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.StreamPacket;
import dev.parley.cluster.StreamPacket.Kind;
import dev.parley.frame.Header.Direction;
import dev.parley.net.MemoryCap;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests one end of a stream between nodes, with the packets of the other end made by hand. */
@Timeout(60)
class NodeStreamTest {
    private final List<StreamPacket> sent = new CopyOnWriteArrayList<>();
    private final NodeStream opening = NodeStream.opening();

    private NodeStream opened() {
        opening.connect(sent::add);
        return opening;
    }

    private static StreamPacket piece(long number, String text) {
        return new StreamPacket(Kind.PIECE, number, 0, Message.text(text), null);
    }

    private static StreamPacket beat(long number, long takenBytes) {
        return new StreamPacket(Kind.BEAT, number, takenBytes, null, null);
    }

    private static void assertLost(ThrowingCallable receive, String words) {
        assertThatThrownBy(receive).isInstanceOfSatisfying(ClusterException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.LOST);
            assertThat(e.getMessage()).contains(words);
        });
    }

    @Test
    void twoEndsThatAreJoinedPassMessagesInOrder() throws Exception {
        NodeStream accepted = NodeStream.accepted(opening::received);
        opening.connect(accepted::received);
        Thread sender = Thread.startVirtualThread(() -> {
            try {
                for (int i = 0; i < 10_000; i++) {
                    accepted.send(Message.text("number " + i));
                }
                accepted.end(Message.text("the end"));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        for (int i = 0; i < 10_000; i++) {
            assertThat(opening.receive().message().text()).isEqualTo("number " + i);
        }
        NodeStream.Piece last = opening.receive();
        assertThat(last.isLast()).isTrue();
        assertThat(last.message().text()).isEqualTo("the end");
        sender.join();
        assertThat(opening.over().toCompletableFuture()).isDone();
        assertThat(accepted.over().toCompletableFuture()).isDone();
        assertThatThrownBy(() -> opening.send(Message.text("too late"))).isInstanceOf(ExchangeEndedException.class);
    }

    @Test
    void aMessageThatIsMissingEndsTheStreamOnBothSides() throws Exception {
        NodeStream stream = opened();
        stream.received(piece(1, "first"));
        stream.received(piece(3, "third"));
        assertThat(stream.receive().message().text()).isEqualTo("first");
        assertLost(stream::receive, "were lost");
        assertThat(sent).singleElement().satisfies(packet -> assertThat(packet.kind())
                .isEqualTo(Kind.ABORT));
    }

    @Test
    void theLossOfTheLastMessagesIsNoticedByTheNextSignOfLife() {
        NodeStream stream = opened();
        stream.received(beat(0, 0));
        stream.received(piece(1, "first"));
        stream.received(beat(1, 0));
        assertThat(stream.over().toCompletableFuture()).isNotDone();
        stream.received(beat(2, 0));
        assertThat(stream.over().toCompletableFuture()).isDone();
    }

    /** The end that has sent it is over, and so sends no signs of life later. */
    @Test
    void theLossOfTheLastAnswerIsNoticedAtOnce() throws Exception {
        NodeStream accepted = NodeStream.accepted(packet -> {
            if (packet.kind() != Kind.LAST) {
                opening.received(packet);
            }
        });
        opening.connect(accepted::received);
        accepted.end(Message.text("the end"));
        assertLost(opening::receive, "were lost");
    }

    @Test
    void anOldSignOfLifeIsNoLoss() {
        NodeStream stream = opened();
        stream.received(piece(1, "first"));
        stream.received(beat(0, 0));
        assertThat(stream.over().toCompletableFuture()).isNotDone();
    }

    @Test
    void aSenderWaitsForItsReaderAndStopsWhenTheStreamIsOver() throws Exception {
        NodeStream stream = opened();
        Message piece = Message.binary("x", new byte[10_000]);
        var count = new AtomicInteger();
        Thread sender = Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    stream.send(piece);
                    count.incrementAndGet();
                }
            } catch (IOException over) {
                count.set(-1);
            }
        });
        int window = NodeStream.WINDOW_BYTES / 10_256 + 1;
        Await.until("the sender waits", () -> count.get() == window && isWaiting(sender));
        stream.received(beat(0, 10_256));
        Await.until("it goes on", () -> count.get() == window + 1 && isWaiting(sender));
        stream.received(beat(0, Long.MAX_VALUE)); // no more than was sent
        Await.until("a window more", () -> count.get() == 2 * window + 1 && isWaiting(sender));
        stream.cancel();
        Await.until("it ends", () -> count.get() == -1);
        assertThat(sent.getLast().kind()).isEqualTo(Kind.ABORT);
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    @Test
    void aNodeThatSendsMoreThanItMayIsStopped() {
        NodeStream stream = opened();
        for (int i = 1; i <= 100_000 && !stream.over().toCompletableFuture().isDone(); i++) {
            stream.received(piece(i, "abc"));
        }
        assertThat(stream.over().toCompletableFuture()).isDone();
        assertThat(sent.getLast().failure()).hasMessageContaining("more of a stream than it may");
    }

    /** Both ends must count the same, although one has made the message and the other has read it. */
    @Test
    void headersCountOnBothEnds() throws Exception {
        NodeStream stream = opened();
        Message made = Message.text("x")
                .with("x-text", "ä".repeat(500))
                .with("x-list", List.of(1, true, "three", Map.of("four", 45)));
        StreamPacket read = Objects.requireNonNull(StreamPacket.read(
                new StreamPacket(Kind.PIECE, 1, 0, made, null).write(new MessageWriter()),
                new MessageReader(Direction.RESPONSE)));
        stream.received(read);
        stream.received(new StreamPacket(Kind.PIECE, 2, 0, made, null));
        var _ = stream.receive();
        stream.beat(0);
        long ofRead = sent.getLast().takenBytes();
        var _ = stream.receive();
        stream.beat(1);
        assertThat(ofRead).isGreaterThan(500).isEqualTo(sent.getLast().takenBytes() - ofRead);
    }

    @Test
    void whatWaitsCountsForTheMemoryCap() throws Exception {
        MemoryCap cap = MemoryCap.of(1024 * 1024);
        NodeStream stream = opened();
        stream.received(new StreamPacket(Kind.PIECE, 1, 0, Message.binary("x", new byte[10_000]), null));
        stream.countIn(cap);
        assertThat(cap.heldBytes()).isBetween(10_000L, 11_000L);
        for (int i = 2; i <= 4; i++) {
            stream.received(new StreamPacket(Kind.PIECE, i, 0, Message.binary("x", new byte[10_000]), null));
        }
        assertThat(cap.heldBytes()).isBetween(40_000L, 44_000L);
        var _ = stream.receive();
        stream.received(new StreamPacket(Kind.LAST, 5, 0, Message.text("x"), null)); // what came can still be received
        assertThat(cap.heldBytes()).isBetween(30_000L, 34_000L);
        stream.discard();
        assertThat(cap.heldBytes()).isZero();
        NodeStream accepted = NodeStream.accepted(sent::add);
        accepted.countIn(cap);
        accepted.received(piece(1, "first"));
        assertThat(cap.heldBytes()).isPositive();
        accepted.end(Message.text("the end"));
        var _ = accepted.receive();
        assertThat(cap.heldBytes()).isZero();
    }

    @Test
    void aReaderSaysWhatItHasTaken() throws Exception {
        NodeStream stream = opened();
        int count = NodeStream.WINDOW_BYTES / 10_256;
        for (int i = 1; i <= count; i++) {
            stream.received(new StreamPacket(Kind.PIECE, i, 0, Message.binary("x", new byte[10_000]), null));
        }
        assertThat(sent).isEmpty();
        for (int i = 0; i < count; i++) {
            var _ = stream.receive();
        }
        assertThat(sent).singleElement().satisfies(packet -> assertThat(packet.takenBytes())
                .isGreaterThanOrEqualTo(NodeStream.WINDOW_BYTES / 2));
    }

    @Test
    void aSilentNodeIsTakenForDead() {
        NodeStream stream = opened();
        long beat = NodeStream.BEAT.toNanos();
        stream.beat(0);
        stream.beat(beat);
        stream.received(beat(0, 0));
        for (int i = 2; i <= 4; i++) {
            stream.beat(i * beat);
        }
        assertThat(stream.over().toCompletableFuture()).isNotDone();
        stream.beat(5 * beat - 1_000_000); // a clock is never exact
        assertThat(stream.over().toCompletableFuture()).isDone();
        assertLost(stream::receive, "silent for 15 s");
    }

    @Test
    void theReasonOfAnAbortPasses() throws Exception {
        for (Reason reason : Reason.values()) {
            var packet = new StreamPacket(Kind.ABORT, 0, 0, null, new ClusterException(reason, "words: ä"));
            StreamPacket read = Objects.requireNonNull(
                    StreamPacket.read(packet.write(new MessageWriter()), new MessageReader(Direction.RESPONSE)));
            assertThat(read.failure()).isInstanceOfSatisfying(ClusterException.class, e -> {
                assertThat(e.reason()).isEqualTo(reason);
                assertThat(e.getMessage()).isEqualTo("words: ä");
            });
        }
    }

    @Test
    void packetsAreReadAsTheyWereWritten() {
        StreamPacket packet = new StreamPacket(Kind.LAST, 7, 1L << 40, Message.text("ä"), null);
        StreamPacket read = Objects.requireNonNull(
                StreamPacket.read(packet.write(new MessageWriter()), new MessageReader(Direction.REQUEST)));
        assertThat(read.kind()).isEqualTo(Kind.LAST);
        assertThat(read.number()).isEqualTo(7);
        assertThat(read.takenBytes()).isEqualTo(1L << 40);
        assertThat(Objects.requireNonNull(read.message()).text()).isEqualTo("ä");
    }

    @Test
    void whatIsNoPacketIsNone() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        byte[] good = piece(1, "some text").write(new MessageWriter());
        for (int length = 0; length < good.length; length++) {
            assertThat(StreamPacket.read(Arrays.copyOf(good, length), new MessageReader(Direction.RESPONSE)))
                    .as("cut after " + length)
                    .isNull();
        }
        var odd = new ArrayList<byte[]>();
        for (int i = 0; i < 100_000; i++) {
            byte[] changed = good.clone();
            for (int j = random.nextInt(1, 4); j > 0; j--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            odd.add(changed);
        }
        for (byte[] each : odd) {
            StreamPacket read = StreamPacket.read(each, new MessageReader(Direction.RESPONSE)); // must not throw
            assertThat(read == null || read.number() >= 0).as("seed " + seed).isTrue();
        }
    }
}
