package dev.parley.tests.connections;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that a client that ends its own direction still gets the whole answer, and then the end: a thousand of a
 * thousand.
 */
@Timeout(300)
class HalfCloseTest {
    private static final int CONNECTIONS = 1_000;
    private static final int REQUESTS_MAX = 20;
    private static final int MIRRORED_BYTES = 10_000;
    private static final long SEED = 6;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Random random = new Random(SEED);

    private static Address free(String scheme, Path directory) {
        return scheme.equals("unix") ? new Address.Unix(directory.resolve("s")) : Address.parse("tcp://127.0.0.1:0");
    }

    private EventLoop loop(String transport) {
        return bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "nio, unix", "io_uring, tcp", "io_uring, unix"})
    void aClientThatEndsItsRequestsHearsEveryReply(String transport, String scheme, @TempDir Path directory)
            throws Exception {
        int whole = 0;
        int replies = 0;
        Server server = bed.keep(bed.server()
                .on("echo", request -> request)
                .onLoop("now", request -> request)
                .listen(loop(transport), free(scheme, directory)));
        for (int i = 0; i < CONNECTIONS; i++) {
            int requests = 1 + random.nextInt(REQUESTS_MAX);
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                if (hearsAll(peer, requests)) {
                    whole++;
                    replies += requests;
                }
            }
        }
        System.out.printf(
                "promise C6: %s %s: %d of %d clients that half-close hear every reply, %d in all, and then the end%n",
                transport, scheme, whole, CONNECTIONS, replies);
        assertThat(whole).as("seed %d", SEED).isEqualTo(CONNECTIONS);
    }

    private boolean hearsAll(MessagePeer peer, int requests) throws Exception {
        var all = new ByteArrayOutputStream();
        Set<Long> asked = new HashSet<>();
        for (long id = 1; id <= requests; id++) {
            all.writeBytes(MessagePeer.bytes(
                    request(id, random.nextBoolean() ? "echo" : "now", Message.binary("x", new byte[1 + (int) id]))));
            asked.add(id);
        }
        peer.raw.send(all.toByteArray()).shutdownOutput();
        for (int i = 0; i < requests; i++) {
            Message reply = peer.receive();
            assertThat(reply.content()).hasSize(1 + (int) reply.header().id());
            asked.remove(reply.header().id());
        }
        return peer.raw.receiveToEnd().length == 0 && asked.isEmpty();
    }

    /** A server that has sent everything still receives what its client sends. */
    @ParameterizedTest
    @CsvSource({"nio, tcp", "nio, unix", "io_uring, tcp", "io_uring, unix"})
    void aServerThatEndsItsOutputHearsTheRest(String transport, String scheme, @TempDir Path directory)
            throws Exception {
        var closed = new CountDownLatch(CONNECTIONS);
        var whole = new AtomicInteger();
        LoopListener listener = bed.keep(loop(transport).listen(free(scheme, directory), new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                connection.receiver(new Hearing(whole, closed));
                connection.send(new byte[MIRRORED_BYTES]);
                connection.shutdownOutput();
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}
        }));
        for (int i = 0; i < CONNECTIONS; i++) {
            try (RawPeer peer = RawPeer.connect(listener.address())) {
                assertThat(peer.receiveToEnd()).hasSize(MIRRORED_BYTES);
                peer.send(new byte[MIRRORED_BYTES]);
            }
        }
        assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
        System.out.printf(
                "promise C6: %s %s: %d of %d servers that half-close hear the rest of their clients%n",
                transport, scheme, whole.get(), CONNECTIONS);
        assertThat(whole).hasValue(CONNECTIONS);
    }

    /** One connection of the server that has ended its output. Used on the loop's thread. */
    private static final class Hearing implements Receiver {
        private final AtomicInteger whole;
        private final CountDownLatch closed;
        private int heard;

        Hearing(AtomicInteger whole, CountDownLatch closed) {
            this.whole = whole;
            this.closed = closed;
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            heard += bytes.remaining();
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            if (heard == MIRRORED_BYTES && reason == CloseReason.LOCAL) {
                whole.incrementAndGet();
            }
            closed.countDown();
        }
    }
}
