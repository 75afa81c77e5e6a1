package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.parley.Action;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.FrameWriter;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Usable;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the thread of a loop allocates for a message, once it is warm, by the JVM's own counter. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");
    private static final int WARM_UP = 60_000;
    private static final int MEASURED = 20_000;
    private static final int TOGETHER = 10;
    private static final int ATTEMPTS = 5;

    /** The bytes that the rest of a loop's life may cost meanwhile: a timer, a class that is loaded late. */
    private static final long SLACK_BYTES = MEASURED / 2;

    /** The segment of errno that the JDK makes for a system call; some of its compilations do not remove it. */
    private static final int ERRNO_SEGMENT_BYTES = 40;

    record Search(String value) {}

    record Answer(String result) {}

    private static byte[] request() {
        ByteBuffer frame = FrameWriter.write(Message.json("{\"action\": \"search\", \"value\": \"morpheus\"}")
                .frame());
        var bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private static long allocated(EventLoop loop) throws Exception {
        var bytes = new CompletableFuture<Long>();
        loop.execute(() -> bytes.complete(THREADS.getCurrentThreadAllocatedBytes()));
        return bytes.get(60, TimeUnit.SECONDS);
    }

    private static void ask(RawPeer peer, byte[] requests, int count, int responseBytes) throws Exception {
        for (int i = 0; i < count; i += TOGETHER) {
            peer.send(requests);
            peer.receive(responseBytes * TOGETHER);
        }
    }

    private static long bytesForAll(EventLoop loop, Address address, byte[] request, int responseBytes)
            throws Exception {
        var together = ByteBuffer.allocate(request.length * TOGETHER);
        for (int i = 0; i < TOGETHER; i++) {
            together.put(request);
        }
        try (RawPeer peer = RawPeer.connect(address)) {
            ask(peer, together.array(), WARM_UP, responseBytes);
            // A method that is compiled late allocates what it will not; what is allocated for each request always is.
            long least = Long.MAX_VALUE;
            for (int left = ATTEMPTS; left > 0 && least > SLACK_BYTES; left--) {
                long before = allocated(loop);
                ask(peer, together.array(), MEASURED, responseBytes);
                least = Math.min(least, allocated(loop) - before);
            }
            return least;
        }
    }

    /**
     * Returns the bound for a transport; over io_uring, with one system call of ours for the messages that come
     * together.
     */
    private static long bytesMax(String transport) {
        return transport.equals("nio") ? SLACK_BYTES : SLACK_BYTES + MEASURED / TOGETHER * ERRNO_SEGMENT_BYTES;
    }

    private static EventLoop start(String transport) {
        return EventLoop.builder().transport(Usable.transport(transport)).start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void echoingAllocatesNothing(String transport) throws Exception {
        try (EventLoop loop = start(transport)) {
            var listener = loop.listen(FREE, (connection, bytes) -> connection.send(bytes));
            assertThat(bytesForAll(loop, listener.address(), new byte[64], 64)).isLessThan(bytesMax(transport));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aRawHandlerOnTheLoopAllocatesNothing(String transport) throws Exception {
        Message answer = Message.json("{\"result\": \"Follow the white rabbit.\"}");
        int responseBytes = FrameWriter.write(answer.frame()).remaining();
        try (EventLoop loop = start(transport);
                Server server =
                        Server.builder().onLoop("search", request -> answer).listen(loop, FREE)) {
            assertThat(bytesForAll(loop, server.address(), request(), responseBytes))
                    .isLessThan(bytesMax(transport));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aTypedHandlerOnTheLoopAllocatesLittle(String transport) throws Exception {
        Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
        int responseBytes = FrameWriter.write(
                        Message.ofValue(new Answer("found morpheus")).frame())
                .remaining();
        try (EventLoop loop = start(transport);
                Server server = Server.builder()
                        .onLoop(search, asked -> new Answer("found " + asked.value()))
                        .listen(loop, FREE)) {
            long bytes = bytesForAll(loop, server.address(), request(), responseBytes);
            assertThat(bytes / MEASURED).isLessThan(2_000);
        }
    }
}
