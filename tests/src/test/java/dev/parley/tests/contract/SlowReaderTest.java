package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that a peer that reads slowly and steadily gets all, with the default write timeout: 15 KB/s, over TCP and Unix
 * sockets alike. In virtual time.
 */
@Timeout(120)
class SlowReaderTest {
    /** The size of a content that is more than the buffers of both systems hold. */
    private static final int CONTENT_BYTES = 6_000_000;

    private static final int BYTES_EACH_SECOND = 15_000;
    private static final int RECEIVE_BUFFER_BYTES = 16 * 1024;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();

    static List<Arguments> sockets() {
        var all = new ArrayList<Arguments>();
        for (Wire wire : List.of(Wire.TCP_IPV4, Wire.UNIX, Wire.URING_IPV4, Wire.URING_UNIX)) {
            for (Face face : Face.values()) {
                all.add(Arguments.of(wire, face));
            }
        }
        return all;
    }

    private record Pair(EventLoop loop, TestPeer server, RawPeer reader) {}

    private Pair pair(Wire wire, Face face) throws Exception {
        EventLoop loop =
                bed.newLoop(wire.settings(new MemNetwork()).limits(Limits.DEFAULT.withIdleTimeout(Duration.ZERO)));
        var listening = bed.keep(face.listen(loop, wire.free()));
        RawPeer reader = bed.keep(RawPeer.connect(listening.address()));
        if (wire.isTcp()) {
            // A large one takes seconds of real time to open again, for which this reader, who is fast, does not wait.
            reader.receiveBuffer(RECEIVE_BUFFER_BYTES);
        }
        return new Pair(loop, listening.accept(), reader);
    }

    /** Lets time pass until the loop has checked its timers and its sockets. */
    private void pass(EventLoop loop, Duration time) throws Exception {
        ticker.advance(time);
        for (int turn = 0; turn < 2; turn++) {
            var passed = new CountDownLatch(1);
            loop.execute(passed::countDown);
            passed.await();
        }
    }

    @ParameterizedTest
    @MethodSource("sockets")
    void whoReadsSlowlyGetsAll(Wire wire, Face face) throws Exception {
        Pair pair = pair(wire, face);
        var sent = pair.server().sendInBackground(new byte[CONTENT_BYTES]);
        int left = CONTENT_BYTES;
        while (left > 0) {
            int piece = Math.min(left, BYTES_EACH_SECOND);
            assertThat(pair.reader().receive(piece)).hasSize(piece);
            left -= piece;
            pass(pair.loop(), SECOND);
        }
        sent.get();
        assertThat(pair.server().info().closeReason()).isNull();
    }

    /**
     * A peer that has read a while and stops is cut off, and the reason says so. If the transport has resets, the peer
     * gets one.
     */
    @ParameterizedTest
    @MethodSource("sockets")
    void whoStopsToReadIsCutOffAndNeverTakesThePartForTheWhole(Wire wire, Face face) throws Exception {
        Pair pair = pair(wire, face);
        var sent = pair.server().sendInBackground(new byte[CONTENT_BYTES]);
        for (int second = 0; second < 30; second++) {
            pair.reader().receive(BYTES_EACH_SECOND);
            pass(pair.loop(), SECOND);
        }
        assertThat(pair.server().info().closeReason()).isNull();
        Await.until("it is cut off", () -> {
            ticker.advance(SECOND);
            return pair.server().info().closeReason() != null;
        });
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.WRITE_TIMEOUT);
        if (face == Face.STREAMS) {
            assertThatThrownBy(sent::get).hasMessageContaining("write-timeout");
        }
        if (wire.hasResets()) {
            assertThatThrownBy(() -> pair.reader().receiveToEnd())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        } else {
            assertThat(pair.reader().receiveToEnd()).hasSizeLessThan(CONTENT_BYTES);
        }
    }

    /** The bytes that are left when the connection closes are still sent, without the program. */
    @ParameterizedTest
    @MethodSource("sockets")
    void whoReadsSlowlyGetsAllOfAClosedConnection(Wire wire, Face face) throws Exception {
        assumeTrue(face == Face.LOOP, "a stream waits until the system has taken all");
        Pair pair = pair(wire, face);
        pair.server().sendInBackground(new byte[CONTENT_BYTES]).get();
        pair.server().close();
        int left = CONTENT_BYTES;
        while (left > 0) {
            int piece = Math.min(left, BYTES_EACH_SECOND);
            assertThat(pair.reader().receive(piece)).hasSize(piece);
            left -= piece;
            pass(pair.loop(), SECOND);
        }
        assertThat(pair.reader().receiveToEnd()).isEmpty();
        Await.until("it is closed", () -> pair.server().info().closeReason() == CloseReason.LOCAL);
    }
}
