package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Tests that bytes that the system has not taken yet are queued, in order and within bounds. */
class SendQueueContract extends LoopContract {
    SendQueueContract(Wire wire) {
        super(wire);
    }

    @Test
    void sendAnswersFalseAboveTheHighMarkAndWritableFollows() throws Exception {
        Pair pair = pair();
        pair.client().pause();
        boolean more = true;
        int sent = 0;
        while (more) {
            sent += 32 * 1024;
            more = pair.server().onLoop(() -> pair.server().connection().send(zeros(32 * 1024)));
        }
        long queued = pair.server().onLoop(() -> pair.server().connection().queuedBytes());
        assertThat(queued).isBetween((long) limits.queuedBytesHigh(), limits.queuedBytesHigh() + 32L * 1024);
        assertThat(pair.server().drained).hasValue(0);
        pair.client().resume();
        pair.client().receive(sent);
        Await.until("writable is told", () -> pair.server().drained.get() == 1);
    }

    /** A client that asks and never reads must not make the server queue its answers without end. */
    @Test
    void anAcceptedConnectionIsNotReadWhileItsQueueIsHigh() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> {
            connection.send(bytes);
            assertThat(connection.queuedBytes()).isLessThan(limits.queuedBytesHigh() + 128L * 1024);
        });
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened().pause();
        byte[] sent = zeros(16 * 1024 * 1024);
        client.send(sent);
        client.resume();
        assertThat(client.receive(sent.length)).isEqualTo(sent);
    }

    @Test
    void aQueueWithoutEndIsClosedWithLimit() throws Exception {
        assertEndsWithLimit(LoopConnection::send);
    }

    @Test
    void whatIsLentWithoutEndIsClosedWithLimit() throws Exception {
        assertEndsWithLimit(LoopConnection::sendLent);
    }

    private void assertEndsWithLimit(BiConsumer<LoopConnection, ByteBuffer> sending) throws Exception {
        limits = limits.withQueuedBytes(64 * 1024, 1024 * 1024);
        Pair pair = pair();
        pair.client().pause();
        pair.server().onLoop(() -> {
            for (int i = 0; i < 64; i++) {
                sending.accept(pair.server().connection(), ByteBuffer.wrap(zeros(1024 * 1024)));
            }
            return true;
        });
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.LIMIT);
    }

    /** Bytes that wait where they are keep their place between those that were copied, however they are cut. */
    @Test
    void whatIsLentArrivesInItsOrder() throws Exception {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        limits = limits.withQueuedBytes(64 * 1024, 64 * 1024 * 1024);
        Pair pair = pair();
        pair.client().pause();
        var sent = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            var bytes = new byte[random.nextInt(random.nextBoolean() ? 100 : 700_000)];
            random.nextBytes(bytes);
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            sent.write(bytes, from, to - from);
            boolean lent = random.nextInt(3) > 0;
            pair.server().onLoop(() -> {
                ByteBuffer part = ByteBuffer.wrap(bytes, from, to - from);
                LoopConnection connection = pair.server().connection();
                boolean hasRoom = lent ? connection.sendLent(part) : connection.send(part);
                assertThat(hasRoom).isEqualTo(connection.queuedBytes() < limits.queuedBytesHigh());
                assertThat(part.hasRemaining()).isFalse();
                if (!lent) {
                    Arrays.fill(bytes, (byte) 0); // which are free for other use
                }
                return true;
            });
            if (i == 40) {
                pair.client().resume();
            }
        }
        assertThat(pair.client().receive(sent.size())).as("seed %d", seed).isEqualTo(sent.toByteArray());
    }

    /** One message may be longer than the queue: it is judged before its first part, and then whole. */
    @Test
    void whatIsLentTogetherIsJudgedOnce() throws Exception {
        limits = limits.withQueuedBytes(64 * 1024, 256 * 1024);
        Pair pair = pair();
        pair.client().pause();
        var parts = new ByteBuffer[3_000];
        Arrays.setAll(parts, i -> ByteBuffer.wrap(zeros(i % 2 == 0 ? 10 : 10_000)));
        pair.server().onLoop(() -> pair.server().connection().sendLent(parts));
        pair.client().resume();
        int length = 1_500 * 10_010;
        assertThat(pair.client().receive(length)).hasSize(length);
    }

    /** However much one connection has to send, the other has its turn in between. */
    @Test
    void whatIsLentLeavesOthersTheirTurn() throws Exception {
        limits = limits.withQueuedBytes(64 * 1024, 64 * 1024 * 1024);
        EventLoop serverLoop = newLoop();
        Pair large = pair(serverLoop);
        Pair small = pair(serverLoop);
        large.server().onLoop(() -> large.server().connection().sendLent(ByteBuffer.wrap(zeros(32 * 1024 * 1024))));
        small.server().onLoop(() -> small.server().connection().send(text("now")));
        long left = small.server().onLoop(() -> large.server().connection().queuedBytes());
        assertThat(left).isPositive();
        assertThat(small.client().receive(3)).asString().isEqualTo("now");
        assertThat(large.client().receive(32 * 1024 * 1024)).hasSize(32 * 1024 * 1024);
    }

    @Test
    void aCloseAfterABrokenSendKeepsTheReasonThatBrokeIt() throws Exception {
        Pair pair = pair();
        pair.server().pause(); // so that only a send can find out
        pair.client().reset();
        census.awaitClosed(pair.client().info());
        LoopConnection connection = pair.server().connection();
        Await.until("a send fails", () -> pair.server().onLoop(() -> {
            boolean taken = connection.send(zeros(1));
            if (!taken) {
                connection.close();
            }
            return !taken;
        }));
        assertThat(census.awaitClosed(connection)).isEqualTo(CloseReason.RESET);
        assertThat(connection.closeCause()).isNotNull();
    }
}
