package dev.parley.tests.connections;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a loop that was away for longer than its timeouts does not judge any peer as silent meanwhile. */
@Timeout(300)
class ResponsiveClockTest {
    private static final int PEERS = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ABSENCE = Duration.ofSeconds(4);
    private static final MessageLimits SHORT =
            MessageLimits.DEFAULT.withTimeouts(TIMEOUT, TIMEOUT).withPing(Duration.ofSeconds(1), Duration.ofSeconds(1));

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();
    private final JumpingTicker ticker = new JumpingTicker();

    private EventLoop loop(String transport) {
        return bed.newLoop(EventLoop.builder()
                .transport(Usable.transport(transport))
                .limits(Limits.DEFAULT.withIdleTimeout(TIMEOUT))
                .ticker(ticker));
    }

    /** Waits long enough for everything that is due by then to be judged. */
    private static void someTurns(EventLoop loop) throws Exception {
        for (int i = 0; i < 5; i++) {
            var turned = new CompletableFuture<Boolean>();
            loop.execute(() -> turned.complete(true));
            assertThat(turned.get(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The peer was stopped while it answered, so a client that waits for the answer has had no time to go on. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aPeerThatCouldNotGoOnIsNotIdle(String transport) throws Exception {
        EventLoop loop = loop(transport);
        var heard = new AtomicInteger();
        LoopListener listener = bed.keep(loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> {
            connection.send(bytes);
            if (heard.incrementAndGet() == PEERS) {
                ticker.jump(ABSENCE);
            }
        }));
        var peers = new ArrayList<RawPeer>();
        for (int i = 0; i < PEERS; i++) {
            peers.add(bed.keep(RawPeer.connect(listener.address())).send("once"));
        }
        for (RawPeer peer : peers) {
            assertThat(peer.receive(4)).asString().isEqualTo("once");
        }
        someTurns(loop);
        for (RawPeer peer : peers) {
            assertThat(peer.send("more").receive(4)).asString().isEqualTo("more");
        }
        assertThat(census.closedByReason()).isEmpty();
    }

    /** Half of a message has arrived, and the rest waits for room in the kernel. */
    @ParameterizedTest
    @ValueSource(strings = {"nio, header", "io_uring, header", "nio, content", "io_uring, content"})
    void aMessageThatCouldNotGoOnIsNotSlow(String what) throws Exception {
        EventLoop loop = loop(what.substring(0, what.indexOf(',')));
        Server server = bed.keep(bed.server()
                .limits(SHORT)
                .onLoop("echo", message -> message)
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        byte[] frame = MessagePeer.bytes(request(1, "echo", Message.binary("x", new byte[1_000])));
        int first = what.endsWith("header") ? 50 : frame.length - 500;
        MessagePeer peer = bed.keep(MessagePeer.connect(server.address()));
        peer.raw.send(Arrays.copyOf(frame, first));
        someTurns(loop);
        ticker.jump(ABSENCE);
        someTurns(loop);
        peer.raw.send(Arrays.copyOfRange(frame, first, frame.length));
        assertThat(peer.receive().content()).hasSize(1_000);
    }

    /** The ping had just left when the client was stopped. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aPongThatCouldNotComeIsNotMissed(String transport) throws Exception {
        EventLoop loop = loop(transport);
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        var client = bed.keep(Client.builder(RawPeer.addressOf(listening))
                .loop(loop)
                .limits(SHORT)
                .retries(false)
                .start());
        CompletableFuture<Message> first = client.callAsync(
                        "x", Message.text("1"), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        MessagePeer server = bed.keep(MessagePeer.of(RawPeer.accept(listening)));
        answer(server);
        assertThat(first.get(60, TimeUnit.SECONDS).text()).isEqualTo("answer");
        CompletableFuture<Message> second = client.callAsync(
                        "x", Message.text("2"), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        Message request = server.receive();
        assertThat(server.receive().header().text("control")).isEqualTo("ping");
        ticker.jump(ABSENCE);
        someTurns(loop);
        answer(server, request);
        assertThat(second.get(60, TimeUnit.SECONDS).text()).isEqualTo("answer");
    }

    private static void answer(MessagePeer server) throws Exception {
        answer(server, server.receive());
    }

    private static void answer(MessagePeer server, Message request) throws Exception {
        server.send(Message.text("answer")
                .going(Direction.RESPONSE, request.header().id()));
    }

    /** Peers that keep a loop busy do not keep it from closing those that are silent. */
    @Test
    void longTurnsSlowTheTimersDownAndNoMore() throws Exception {
        EventLoop loop = loop("nio");
        var silent = new CompletableFuture<CloseReason>();
        LoopListener listener = bed.keep(loop.listen("tcp://127.0.0.1:0", new Receiver() {
            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                ticker.jump(Duration.ofMillis(500));
                connection.send(bytes);
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                silent.complete(reason);
            }
        }));
        bed.keep(RawPeer.connect(listener.address()));
        RawPeer busy = bed.keep(RawPeer.connect(listener.address()));
        int turns = 0;
        while (!silent.isDone() && turns < 20) {
            turns++;
            assertThat(busy.send("x").receive(1)).hasSize(1);
            someTurns(loop);
        }
        Await.until("the silent one is closed", silent::isDone);
        assertThat(silent.get()).isEqualTo(CloseReason.IDLE);
        assertThat(turns).as("at 500 ms each").isBetween(4, 12);
    }
}
