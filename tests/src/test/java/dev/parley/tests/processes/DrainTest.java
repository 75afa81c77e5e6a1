package dev.parley.tests.processes;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.WireServerBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests that a drain lets running requests end, refuses new ones, and is over when its time is. */
class DrainTest extends WireServerBed {
    @Test
    void aDrainLetsWhatRunsEndAndRefusesWhatIsNew() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = bed.peer(server);
        MessagePeer idle = bed.peer(server);
        peer.send(request(1, "wait", bytes(0)));
        gate.awaitStarted(1);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        assertThat(idle.raw.receiveToEnd()).isEmpty();
        peer.send(request(2, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("going-away 2");
        gate.release();
        assertThat(peer.receive().text()).isEqualTo("waited");
        assertThat(report).isNotDone();
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        idle.close();
        assertThat(report.join()).isEqualTo(new DrainReport(2, 0, 0));
    }

    /** Only the rest of its first message shows that controls may be sent to it. */
    @Test
    void aClientThatShowsAKeyDuringADrainIsNotified() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = bed.peer(server);
        byte[] first = MessagePeer.bytes(request(1, "now", bytes(0)));
        peer.raw.send(Arrays.copyOf(first, 10));
        MessagePeer other = bed.peer(server);
        other.send(request(1, "wait", bytes(0)));
        gate.awaitStarted(1);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        assertThat(other.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        peer.raw.send(Arrays.copyOfRange(first, 10, first.length));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        assertThat(statusAndId(peer.receive())).isEqualTo("going-away 1");
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        gate.release();
        assertThat(other.receive().text()).isEqualTo("waited");
        other.raw.shutdownOutput();
        assertThat(report.join()).isEqualTo(new DrainReport(2, 0, 0));
    }

    @Test
    void aDrainCutsWhatIsNotDoneInTime() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "wait", bytes(0))).send(request(2, "pieces", bytes(1)));
        gate.awaitStarted(2);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        Message next = peer.receive();
        while (next.header().text(Header.CONTROL) == null) {
            next = peer.receive();
        }
        ticker.advance(Duration.ofSeconds(11));
        var ends = new ArrayList<String>();
        while (!next.header().isTrue(Header.CLOSE)) {
            next = peer.receive();
            if (next.status().isPresent()) {
                ends.add(statusAndId(next));
            }
        }
        assertThat(ends).containsExactlyInAnyOrder("unavailable 1", "unavailable 2", "unavailable 0");
        gate.awaitInterrupted(1);
        peer.close();
        assertThat(report.join()).isEqualTo(new DrainReport(1, 1, 2));
    }
}
