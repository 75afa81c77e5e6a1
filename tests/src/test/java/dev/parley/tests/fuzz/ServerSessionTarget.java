package dev.parley.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Tests that whatever a client sends, nothing fails inside the server, no request has more than one last answer, and
 * the next client is served. Other tests check the content of the answers. The input: see {@link SessionScript}.
 */
final class ServerSessionTarget implements Target {
    private static final int WAIT_SECONDS = 20;

    /** A record that is both the question and the answer of a typed handler. */
    record Count(int number) {}

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final EventLoop loop;
    private final Server server;

    ServerSessionTarget() {
        LoopObserver observer = new Failures(failures);
        loop = EventLoop.builder()
                .transport(new MemNetwork())
                .observer(observer)
                .start();
        try {
            server = Server.builder()
                    .onLoop("echo", Message::kept)
                    .on("later", request -> request)
                    .onLoop(Action.of("typed", Count.class, Count.class), count -> count)
                    .observer(observer)
                    .listen(loop, Address.parse("mem:"));
        } catch (BindFailedException e) {
            throw new AssertionError(e);
        }
    }

    /** Remembers what failed unseen. */
    private record Failures(Queue<String> seen) implements LoopObserver {
        @Override
        public void failed(String where, Throwable cause) {
            seen.add(where + ": " + cause + " at " + Arrays.toString(cause.getStackTrace()));
        }

        @Override
        public boolean seesTraffic() {
            return false;
        }
    }

    @Override
    public void run(byte[] data) {
        var script = new SessionScript(data);
        byte[] answers = send(script.pieces(), script.endsInOrder());
        if (script.endsInOrder()) {
            check(answers, script);
        }
        byte[] answer = send(List.of(SessionScript.sound()), true);
        assertThat(new String(answer, StandardCharsets.UTF_8))
                .as("the next client, after %s", script)
                .contains("\"id\": 77")
                .doesNotContain("status");
        assertThat(failures).as("%s", script).isEmpty();
    }

    private byte[] send(List<byte[]> pieces, boolean endsInOrder) {
        var client = new SessionClient(pieces, endsInOrder);
        loop.connect(server.address(), client);
        return client.received().orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /**
     * Checks that the answers are frames to the end, or the page for browsers; a message with {@code close} is the last
     * and answers no request.
     */
    private static void check(byte[] answers, SessionScript script) {
        var last = new HashMap<Long, Integer>();
        ByteBuffer left = ByteBuffer.wrap(answers);
        while (left.hasRemaining() && !startsPage(left)) {
            Map<String, Object> header = StrictJson.object(take(left, left.getShort() & 0xffff));
            take(left, (int) number(header, "content-length"));
            if (Boolean.TRUE.equals(header.get("close"))) {
                assertThat(left.hasRemaining())
                        .as("after close: %s to %s", SeedText.line(answers), script)
                        .isFalse();
            } else if (!header.containsKey("control") && !Boolean.TRUE.equals(header.get("more"))) {
                last.merge(number(header, "id"), 1, Integer::sum);
            }
        }
        last.forEach((id, count) -> assertThat(count)
                .as("last answers under id %d: %s to %s", id, SeedText.line(answers), script)
                .isLessThanOrEqualTo(script.requests(id)));
    }

    private static boolean startsPage(ByteBuffer left) {
        return left.get(left.position()) == 'H';
    }

    private static byte[] take(ByteBuffer from, int count) {
        var bytes = new byte[count];
        from.get(bytes);
        return bytes;
    }

    private static long number(Map<String, Object> header, String key) {
        return header.get(key) instanceof JsonNumber number ? Long.parseLong(number.text()) : 0;
    }

    @Override
    public void close() {
        server.close();
        loop.close();
    }
}
