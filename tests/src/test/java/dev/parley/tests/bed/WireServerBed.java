package dev.parley.tests.bed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The common part of the tests of messages on the wire: a server with a handler for each kind of request, peers that
 * send one message after another, and short names for the messages that they send.
 */
@Timeout(300)
public abstract class WireServerBed {
    private static final Action<Message, Message> ECHO = Action.of("echo", Message.class, Message.class);
    private static final Action<Message, Message> PIECES = Action.of("pieces", Message.class, Message.class);

    @RegisterExtension
    public final TestBed bed = TestBed.inManualTime();

    public final ManualTicker ticker = bed.ticker();
    public final HandlerGate gate = new HandlerGate();

    @AfterEach
    public void letGo() {
        gate.release(1_000);
    }

    public final Server listen(UnaryOperator<ServerBuilder> further) throws IOException {
        ServerBuilder settings = bed.server()
                .onDuplex(ECHO, (in, out, exchange) -> {
                    gate.count();
                    for (Message piece : in) {
                        out.send(piece);
                    }
                })
                .onStream(PIECES, (asked, out) -> {
                    gate.count();
                    while (!Thread.currentThread().isInterrupted()) {
                        out.send(Message.binary("x", new byte[10_000]));
                    }
                })
                .on("wait", request -> {
                    gate.enter();
                    return Message.text("waited");
                })
                .onLoop("now", request -> Message.text("now"));
        return bed.listen(further.apply(settings));
    }

    public final MessagePeer peer() throws IOException {
        return bed.peer(listen(settings -> settings));
    }

    public static Message control(String name, long id) {
        return Message.binary("x", new byte[0]).going(Direction.REQUEST, id).withProtocolKey(Header.CONTROL, name);
    }

    public static Message more(Message message) {
        return message.withProtocolKey(Header.MORE, true);
    }

    public static Message bytes(int count) {
        return Message.binary("application/octet-stream", new byte[count]);
    }

    public static Message piece(long id, Message content) {
        return content.going(Direction.REQUEST, id);
    }

    public static String statusAndId(Message response) {
        return response.status().orElse("ok") + " " + response.header().id();
    }

    public static void assertLastIs(MessagePeer peer, String status) throws IOException {
        Message last = peer.receive();
        while (!last.header().isTrue(Header.CLOSE)) {
            last = peer.receive();
        }
        assertThat(last.status()).contains(status);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    public CompletableFuture<DrainReport> drain(Server server, Duration grace) {
        var report = new CompletableFuture<DrainReport>();
        Thread.startVirtualThread(() -> {
            try {
                report.complete(server.drain(grace));
            } catch (InterruptedException e) {
                report.completeExceptionally(e);
            }
        });
        return report;
    }
}
