package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.FrameLimits;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.MemoryCap;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests few bytes of requests for large answers, from clients that read nothing: how many handlers begin, and what is
 * set aside for their answers, is bounded before they begin.
 */
@Timeout(60)
class UnreadAnswersTest {
    private static final int ASKED = 100;
    private static final int ANSWER_BYTES = 1_000_000;

    /**
     * The number of answers that the system takes of a connection before it holds the server back, on Linux 4 MiB sent
     * and 6 received.
     */
    private static final int SYSTEM_ANSWERS = 11;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final MemoryCap memory = MemoryCap.of(64L * 1024 * 1024);
    private final EventLoop loop = bed.newLoop(EventLoop.builder().memory(memory));
    private final AtomicInteger begun = new AtomicInteger();
    private final Semaphore mayReturn = new Semaphore(0);

    private Server listen() throws Exception {
        Server server = bed.server()
                .on("huge", request -> huge())
                .on("slow", request -> {
                    begun.incrementAndGet();
                    mayReturn.acquire();
                    return Message.binary("x", new byte[ANSWER_BYTES]);
                })
                .on("deaf", request -> {
                    begun.incrementAndGet();
                    mayReturn.acquireUninterruptibly();
                    return Message.binary("x", new byte[ANSWER_BYTES]);
                })
                .on("echo", request -> request)
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
        bed.keep(server);
        return server;
    }

    private Message huge() {
        begun.incrementAndGet();
        return Message.binary("x", new byte[ANSWER_BYTES]);
    }

    @AfterEach
    void letGo() {
        mayReturn.release(10 * ASKED);
        Await.until("nothing is set aside any more", () -> memory.reservedBytes() == 0);
    }

    private MessagePeer peer(Server server) throws Exception {
        return bed.peer(server);
    }

    private static byte[] asked(String action, boolean withIds) {
        var all = new ByteArrayOutputStream();
        for (int id = 1; id <= ASKED; id++) {
            all.writeBytes(MessagePeer.bytes(request(withIds ? id : 0, action, Message.text(""))));
        }
        return all.toByteArray();
    }

    /**
     * Returns the longest header with the longest content that is lent: waiting requests must not change with the next
     * one.
     */
    private static Message padded(Message request) {
        Message padded = request;
        for (int i = 0; i < 10; i++) {
            padded = padded.with("pad-" + i, "\u0001".repeat(1_024)); // each is written in six bytes
        }
        return padded;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whatALentRequestIsAnsweredWithComesAsItWas(String transport) throws Exception {
        EventLoop own = bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
        Server server = bed.server()
                .limits(MessageLimits.DEFAULT.withFrame(FrameLimits.DEFAULT.withHeaderBytesMax(65_535)))
                .onLoop("padded", UnreadAnswersTest::padded)
                .listen(own, Address.parse("tcp://127.0.0.1:0"));
        bed.keep(server);
        MessagePeer peer = peer(server);
        var all = new ByteArrayOutputStream();
        for (int i = 1; i <= 2 * ASKED; i++) {
            all.writeBytes(MessagePeer.bytes(request(
                    i, "padded", Message.text(Character.toString('A' + i % 26).repeat(4_096)))));
        }
        peer.raw.send(all.toByteArray());
        for (int i = 1; i <= 2 * ASKED; i++) {
            assertThat(peer.receive().text())
                    .as("answer %d", i)
                    .isEqualTo(Character.toString('A' + i % 26).repeat(4_096));
        }
    }

    /** Waits until the handlers that may begin have begun: then others, asked for later, have answered. */
    private void awaitAnswersOfOthers(Server server) throws Exception {
        MessagePeer other = peer(server);
        for (int i = 1; i <= 200; i++) {
            other.send(request(i, "echo", Message.text("")));
            assertThat(other.receive().status()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "4, true", "16, true", "1, false", "16, false"})
    void noFurtherHandlerBeginsWhileAnswersWait(int clients, boolean withIds) throws Exception {
        Server server = listen();
        int most = clients * (SYSTEM_ANSWERS + 2 + Runtime.getRuntime().availableProcessors());
        var greedy = new ArrayList<MessagePeer>();
        for (int i = 0; i < clients; i++) {
            MessagePeer peer = peer(server);
            greedy.add(peer);
            peer.raw.send(asked("huge", withIds));
        }
        awaitAnswersOfOthers(server);
        assertThat(begun.get()).isBetween(1, most);
        assertThat(memory.reservedBytes()).isLessThanOrEqualTo(memory.bytesMax() / 2 + 4L * ANSWER_BYTES);
        if (clients == 1) {
            for (int i = 0; i < ASKED; i++) {
                assertThat(greedy.getFirst().receive().content()).hasSize(ANSWER_BYTES);
            }
            assertThat(begun).hasValue(ASKED);
        }
    }

    /**
     * Handlers that wait have not answered when others begin, so memory is reserved by the size of their earlier
     * answers.
     */
    @Test
    void handlersThatWaitAreAsManyAsTheirAnswersHaveRoom() throws Exception {
        Server server = listen();
        MessagePeer first = peer(server);
        first.send(request(1, "slow", Message.text("")));
        mayReturn.release();
        assertThat(first.receive().content()).hasSize(ANSWER_BYTES);
        begun.set(0);
        for (int i = 0; i < 4; i++) {
            peer(server).raw.send(asked("slow", true));
        }
        awaitAnswersOfOthers(server);
        int room = (int) (memory.bytesMax() / 2 / ANSWER_BYTES);
        assertThat(begun.get()).isBetween(room / 2, room);
        assertThat(memory.reservedBytes()).isLessThanOrEqualTo(memory.bytesMax() / 2);
    }

    /** No answer of the action is known yet. */
    @Test
    void fewHandlersBeginBeforeOneHasAnswered() throws Exception {
        Server server = listen();
        for (int i = 0; i < 4; i++) {
            peer(server).raw.send(asked("slow", true));
        }
        Await.until("some have begun", () -> begun.get() >= 4);
        mayReturn.release(10 * ASKED);
        MessagePeer other = peer(server);
        other.send(request(1, "slow", Message.text("")));
        assertThat(other.receive().content()).hasSize(ANSWER_BYTES);
    }

    /** All of its requests are read and its connection is gone, so no further handler begins. */
    @Test
    void whoLeavesTakesItsRequestsAlong() throws Exception {
        Server server = listen();
        try (SocketChannel deaf = SocketChannel.open()) {
            deaf.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
            Address.Tcp address = (Address.Tcp) server.address();
            deaf.connect(new InetSocketAddress(address.host(), address.port()));
            deaf.write(ByteBuffer.wrap(asked("huge", true)));
            awaitAnswersOfOthers(server);
            deaf.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        Await.until("nothing is held for it", () -> memory.reservedBytes() == 0 && memory.heldBytes() == 0);
        assertThat(begun.get())
                .isLessThan(SYSTEM_ANSWERS + 2 + Runtime.getRuntime().availableProcessors());
    }

    @Test
    void whoReadsGetsAllOfThem() throws Exception {
        Server server = listen();
        MessagePeer reader = peer(server);
        for (int round = 0; round < 3; round++) {
            reader.raw.send(asked("huge", true));
            for (int i = 0; i < ASKED; i++) {
                assertThat(reader.receive().content()).hasSize(ANSWER_BYTES);
            }
        }
        assertThat(begun).hasValue(3 * ASKED);
    }

    /** The memory belongs to all loops of the process, so one that is closed must not keep any. */
    @Test
    void handlersThatOutliveTheirLoopGiveTheirMemoryBack() throws Exception {
        MessagePeer peer = peer(listen());
        for (int id = 1; id <= 4; id++) {
            peer.send(request(id, "deaf", Message.text("")));
        }
        Await.until("some have begun", () -> begun.get() >= 4);
        loop.close();
        mayReturn.release(4);
        Await.until("they have returned", () -> mayReturn.availablePermits() == 0);
        Await.until("nothing is set aside any more", () -> memory.reservedBytes() == 0);
    }
}
