package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Transports;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.QuietMachine;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests how soon a client gets the error that there is no room, and how soon a new client gets free room. */
@Timeout(300)
class FullServerTest {
    private static final int ROUNDS = 50;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    static List<String> transports() {
        return Transports.names();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whoFindsNoRoomIsToldSoAndTheNextFindsWhatComesFree(String transport) throws Exception {
        var busyNanos = new long[ROUNDS];
        var freeNanos = new long[ROUNDS];
        EventLoop loop = bed.newLoop(EventLoop.builder()
                .transport(Usable.transport(transport))
                .limits(Limits.DEFAULT.withConnectionsMax(1)));
        Server server =
                bed.keep(bed.server().onLoop("ask", asked -> asked).listen(loop, Address.parse("tcp://127.0.0.1:0")));
        MessagePeer inside = enter(server);
        for (int i = 0; i < ROUNDS; i++) {
            busyNanos[i] = nanosToBusy(server);
            long before = System.nanoTime();
            inside.close();
            inside = enter(server);
            freeNanos[i] = System.nanoTime() - before;
        }
        inside.close();
        Arrays.sort(busyNanos);
        Arrays.sort(freeNanos);
        System.out.printf(
                Locale.ROOT,
                "promise C2: %s: 'busy' %.2f ms after the connect (at most %.1f), room is used again after %.2f ms (at"
                        + " most %.1f), of %d each%n",
                transport,
                busyNanos[ROUNDS / 2] / 1e6,
                busyNanos[ROUNDS - 1] / 1e6,
                freeNanos[ROUNDS / 2] / 1e6,
                freeNanos[ROUNDS - 1] / 1e6,
                ROUNDS);
        QuietMachine.assertAtMost("'busy'", Duration.ofMillis(100), busyNanos[ROUNDS / 2]);
        QuietMachine.assertAtMost("room is used again", Duration.ofMillis(50), freeNanos[ROUNDS / 2]);
    }

    private static long nanosToBusy(Server server) throws IOException {
        long before = System.nanoTime();
        try (var second = MessagePeer.connect(server.address())) {
            assertThat(second.receive().status()).hasValue("busy");
            return System.nanoTime() - before;
        }
    }

    /** Connects as often as necessary: the server may not have seen yet that another client has left. */
    private static MessagePeer enter(Server server) throws IOException {
        while (true) {
            MessagePeer peer = MessagePeer.connect(server.address());
            peer.send(request(1, "ask", Message.text("")));
            if (peer.receive().status().isEmpty()) {
                return peer;
            }
            peer.close();
        }
    }
}
