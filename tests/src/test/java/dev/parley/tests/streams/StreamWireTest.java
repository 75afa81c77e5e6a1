package dev.parley.tests.streams;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.MemoryCap;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.WireServerBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Tests streams message by message, as docs/protocol.md has them: pieces, credit, ends, and how many there may be. */
class StreamWireTest extends WireServerBed {
    @Test
    void aStreamIsAnsweredPieceByPieceAndEndsWithoutMore() throws Exception {
        MessagePeer peer = peer();
        peer.send(more(request(9, "echo", Message.text("one"))));
        Message first = peer.receive();
        assertThat(first.text()).isEqualTo("one");
        assertThat(first.header().id()).isEqualTo(9);
        assertThat(first.header().hasMore()).isTrue();
        peer.send(piece(9, Message.text("two")));
        assertThat(peer.receive().text()).isEqualTo("two");
        Message end = peer.receive();
        assertThat(end.header().hasMore()).isFalse();
        assertThat(end.content()).isEmpty();
        peer.send(request(9, "now", Message.text("")));
        assertThat(peer.receive().text()).isEqualTo("now");
    }

    @Test
    void aServerSendsNoMoreThanItsCreditAndAMessage() throws Exception {
        MessagePeer peer = peer();
        peer.send(request(1, "pieces", Message.text("go")));
        for (int i = 1; i <= 7; i++) {
            assertThat(peer.receive().content()).hasSize(10_000); // the seventh begins below 65,536
        }
        peer.send(request(2, "now", Message.text("")));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.send(control("credit", 1).with("credit", 4_465));
        assertThat(peer.receive().content()).hasSize(10_000); // one byte of credit is enough for a message
        peer.send(request(3, "now", Message.text("")));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.send(control("cancel", 1));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
    }

    @Test
    void aServerGrantsWhatItsHandlerHasRead() throws Exception {
        MessagePeer peer = bed.peer(listen(
                settings -> settings.onDuplex(Action.of("read", Message.class, Message.class), (in, out, exchange) -> {
                    long bytes = 0;
                    for (Message piece : in) {
                        bytes += piece.content().length;
                    }
                    out.send(Message.text("read " + bytes));
                })));
        peer.send(more(request(1, "read", bytes(40_000))));
        Message granted = peer.receive();
        assertThat(granted.header().text(Header.CONTROL)).isEqualTo("credit");
        assertThat(granted.header().id()).isEqualTo(1);
        assertThat(granted.header().credit()).isEqualTo(40_000);
        peer.send(piece(1, bytes(10)));
        assertThat(peer.receive().text()).isEqualTo("read 40010");
    }

    /** A client subtracts what it sends, and it sends the compressed bytes of the first message as of any other. */
    @Test
    void creditCountsTheCompressedBytesOfEveryMessage() throws Exception {
        MessagePeer peer = bed.peer(listen(
                settings -> settings.onDuplex(Action.of("read", Message.class, Message.class), (in, out, exchange) -> {
                    var lengths = new ArrayList<Integer>();
                    for (Message piece : in) {
                        lengths.add(piece.content().length);
                    }
                    out.send(Message.text("read " + lengths));
                })));
        Message packed = packed(300_000);
        int pieces = 40_000 / packed.contentLength();
        assertThat(pieces).isBetween(10, 1_000);
        peer.send(more(request(1, "read", packed)));
        for (int i = 0; i < pieces; i++) {
            peer.send(more(piece(1, packed)));
        }
        peer.send(piece(1, bytes(10)));
        Message next = peer.receive();
        long granted = 0;
        for (; Objects.equals(next.header().text(Header.CONTROL), "credit"); next = peer.receive()) {
            granted += next.header().credit();
        }
        assertThat(next.status()).isEmpty();
        assertThat(next.text()).startsWith("read [300000, 300000").endsWith("300000, 10]");
        assertThat(granted).isBetween(0L, (pieces + 1L) * packed.contentLength());
    }

    private static Message packed(int bytes) throws IOException {
        var member = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(member)) {
            gzip.write(new byte[bytes]);
        }
        return Message.binary("x", member.toByteArray()).withProtocolKey(Header.CONTENT_CODING, "gzip");
    }

    /** Such a client can send no grant, so the stream ends when the granted credit is used. */
    @Test
    void aStreamToAClientThatHasHalfClosedEndsWithItsCredit() throws Exception {
        MessagePeer peer = peer().send(request(1, "pieces", Message.json("{}")));
        peer.raw.shutdownOutput();
        int bytes = 0;
        Message next = peer.receive();
        for (; next.header().hasMore(); next = peer.receive()) {
            bytes += next.content().length;
        }
        assertThat(bytes).isEqualTo(70_000); // the piece that uses up the 65,536 goes whole
        assertThat(next.status()).contains("cancelled");
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    /**
     * Returns a server whose handler takes nothing and stays; an error that ends the connection does not wait for it.
     */
    private ServerBuilder deafAndWithoutGrace(ServerBuilder settings) {
        return settings.limits(MessageLimits.DEFAULT.withDrainGrace(Duration.ZERO))
                .onDuplex(Action.of("deaf", Message.class, Message.class), (in, out, exchange) -> gate.await());
    }

    @Test
    void sendingWithoutCreditBreaksTheProtocol() throws Exception {
        MessagePeer peer = bed.peer(listen(this::deafAndWithoutGrace));
        peer.send(more(request(1, "deaf", bytes(65_535))));
        peer.send(more(piece(1, bytes(100))));
        peer.send(more(piece(1, bytes(0))));
        peer.send(more(piece(1, bytes(1))));
        Message last = peer.receive();
        while (!last.header().isTrue(Header.CLOSE)) {
            last = peer.receive();
        }
        assertThat(last.status()).contains("bad-frame");
        assertThat(last.text()).contains("without credit");
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    @Test
    void piecesWithoutContentAreBoundedToo() throws Exception {
        MessagePeer peer = bed.peer(listen(this::deafAndWithoutGrace));
        peer.send(more(request(1, "deaf", bytes(1))));
        byte[] empty = MessagePeer.bytes(more(piece(1, Message.text(""))));
        var flood = new ByteArrayOutputStream();
        for (int i = 0; i < 66_000; i++) {
            flood.writeBytes(empty);
        }
        peer.raw.send(flood.toByteArray());
        assertLastIs(peer, "bad-frame");
    }

    /** They cost no credit, so the memory of their headers is bounded, and counted. */
    @Test
    void headersOfPiecesWithoutContentAreBoundedAndCount() throws Exception {
        MemoryCap cap = MemoryCap.of(200 * 1024 * 1024);
        MessagePeer peer = bed.peer(bed.keep(deafAndWithoutGrace(bed.server())
                .listen(bed.newLoop(EventLoop.builder().memory(cap)), Address.parse("tcp://127.0.0.1:0"))));
        peer.send(more(request(1, "deaf", Message.text("go"))));
        Message piece = more(piece(1, Message.text("")));
        for (int i = 0; i < 7; i++) {
            piece = piece.with("x-" + i, "x".repeat(1_000));
        }
        int headerBytes = 7 * 1_000;
        byte[] bytes = MessagePeer.bytes(piece);
        for (int i = 0; i < 1_000; i++) {
            peer.raw.send(bytes);
        }
        Await.until("their headers count", () -> cap.heldBytes() > 1_000L * headerBytes);
        for (int i = 1_000; i <= 16 * 1024 * 1024 / (headerBytes + 7 * 51); i++) {
            peer.raw.send(bytes);
        }
        assertLastIs(peer, "bad-frame");
    }

    @Test
    void whatFollowsTheServersEndIsDropped() throws Exception {
        MessagePeer peer = peer();
        peer.send(more(request(5, "nobody", Message.text("one"))));
        assertThat(statusAndId(peer.receive())).isEqualTo("unknown-action 5");
        peer.send(more(piece(5, Message.text("two"))));
        peer.send(control("cancel", 5));
        peer.send(request(5, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 5");
    }

    @Test
    void streamsThatAreRefusedAndGoOnAreBounded() throws Exception {
        MessagePeer peer = peer();
        for (int id = 1; id <= 10_001; id++) {
            peer.send(more(request(id, "nobody", bytes(0))).with(Header.REPLY, false));
        }
        assertLastIs(peer, "too-many-errors");
    }

    @Test
    void anIdOfAStreamThatIsOpenIsInUse() throws Exception {
        MessagePeer peer =
                bed.peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withDrainGrace(Duration.ZERO))));
        peer.send(request(1, "pieces", Message.text("go")));
        assertThat(peer.receive().header().id()).isEqualTo(1);
        peer.send(request(1, "now", Message.text("")));
        Message last = peer.receive();
        while (!last.header().isTrue(Header.CLOSE)) {
            last = peer.receive();
        }
        assertThat(last.status()).contains("duplicate-id");
    }

    @Test
    void oneMoreStreamThanAllowedIsBusy() throws Exception {
        MessagePeer peer = bed.peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withStreamsMax(2))));
        peer.send(more(request(1, "echo", bytes(0)))).send(more(request(2, "echo", bytes(0))));
        gate.awaitStarted(2);
        peer.send(request(3, "echo", Message.text("x")));
        assertThat(statusAndId(peer.receive())).isEqualTo("busy 3");
        peer.send(piece(1, bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
        peer.send(request(4, "echo", Message.text("x")));
        assertThat(peer.receive().text()).isEqualTo("x");
    }

    @Test
    void oneMoreHandlerThanAServerHasIsBusy() throws Exception {
        Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightTotalMax(2)));
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "wait", bytes(0))).send(request(2, "wait", bytes(0)));
        gate.awaitStarted(2);
        MessagePeer other = bed.peer(server);
        other.send(request(1, "wait", bytes(0))).send(request(2, "echo", bytes(1)));
        assertThat(statusAndId(other.receive())).isEqualTo("busy 1");
        assertThat(statusAndId(other.receive())).isEqualTo("busy 2");
        other.send(request(3, "now", bytes(0)));
        assertThat(statusAndId(other.receive())).isEqualTo("ok 3");
        gate.release();
        assertThat(peer.receive().text()).isEqualTo("waited");
        other.send(request(4, "wait", bytes(0)));
        gate.awaitStarted(3);
    }

    /**
     * Nothing further of such a stream is read, so it could never end: it ends at once, and not when the grace is over.
     */
    @Test
    void aStreamThatIsNotEndedEndsWithTheConnection() throws Exception {
        MessagePeer peer = peer();
        peer.send(more(request(1, "echo", bytes(1))));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
        peer.raw.send(new byte[] {0, 1, '['});
        assertThat(statusAndId(peer.receive())).isEqualTo("unavailable 1");
        assertLastIs(peer, "bad-frame");
    }

    /** A thread of the handler's sends while the handler returns: each piece goes before the end, or is refused. */
    @Test
    void nothingFollowsTheEndOfAStream() throws Exception {
        var refused = new AtomicInteger();
        MessagePeer peer = bed.peer(
                listen(settings -> settings.onStream(Action.of("race", Message.class, Message.class), (asked, out) -> {
                    var begun = new CountDownLatch(1);
                    Thread.startVirtualThread(() -> {
                        try {
                            while (true) {
                                out.send(Message.text("piece"));
                                begun.countDown();
                            }
                        } catch (IOException | IllegalStateException over) {
                            refused.incrementAndGet();
                            begun.countDown();
                        }
                    });
                    begun.await();
                })));
        int streams = Boolean.getBoolean("parley.full") ? 1_000 : 200;
        for (int id = 1; id <= streams; id++) {
            peer.send(request(id, "race", Message.json("{}")));
            Message next = peer.receive();
            while (next.header().hasMore()) {
                assertThat(next.header().id()).isEqualTo(id);
                next = peer.receive();
            }
            assertThat(next.header().id()).isEqualTo(id);
            assertThat(next.status()).isEmpty();
        }
        Await.until("all senders have ended", () -> refused.get() == streams);
    }

    /** The thread will get no more credit. */
    @Test
    void aThreadThatWaitsToSendGetsTheEnd() throws Exception {
        var told = new CompletableFuture<Throwable>();
        MessagePeer peer = bed.peer(
                listen(settings -> settings.onStream(Action.of("left", Message.class, Message.class), (asked, out) -> {
                    Thread.startVirtualThread(() -> {
                        try {
                            while (true) {
                                out.send(Message.binary("x", new byte[10_000]));
                            }
                        } catch (IOException | IllegalStateException over) {
                            told.complete(over);
                        }
                    });
                    gate.await();
                })));
        peer.send(request(1, "left", Message.json("{}")));
        for (int i = 0; i < 7; i++) {
            assertThat(peer.receive().header().hasMore()).isTrue();
        }
        gate.release();
        assertThat(peer.receive().header().hasMore()).isFalse();
        assertThat(told.get(60, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    }

    /** The first message of the stream waits behind another request, which is unpacked on another thread first. */
    @Test
    void whatFollowsThePackedFirstMessageOfAStreamWaitsForIt() throws Exception {
        MessagePeer peer = bed.peer(listen(settings -> settings.on("first", asked -> Message.text("first"))
                .onDuplex(Action.of("read", Message.class, Message.class), (in, out, exchange) -> {
                    long bytes = 0;
                    for (Message piece : in) {
                        bytes += piece.content().length;
                    }
                    out.send(Message.text("read " + bytes));
                })));
        Message packed = packed(900_000);
        var all = new ArrayList<Message>();
        for (int id = 1; id <= 20; id++) {
            all.add(request(id, "first", packed));
        }
        all.add(more(request(21, "read", packed)));
        all.add(more(piece(21, bytes(10))));
        all.add(piece(21, bytes(10)));
        for (Message each : all) {
            peer.send(each);
        }
        var answers = new TreeSet<String>();
        while (answers.size() < 21) {
            Message next = peer.receive();
            if (next.header().text(Header.CONTROL) == null && next.contentLength() > 0) {
                answers.add(next.header().id() + " " + next.text());
            }
        }
        assertThat(answers).contains("1 first", "20 first", "21 read 900020");
    }

    /** The handlers under way may wait for a message behind it, such as a cancel. */
    @Test
    void aPackedFirstMessageDoesNotWaitForRequestsThatWait() throws Exception {
        MessagePeer peer = bed.peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1))
                .onUpload(Action.of("read", Message.class, Message.class), (in, exchange) -> {
                    long bytes = 0;
                    for (Message piece : in) {
                        bytes += piece.content().length;
                    }
                    return Message.text("read " + bytes);
                })));
        peer.send(request(1, "wait", Message.text(""))).send(request(2, "wait", Message.text("")));
        peer.send(more(request(3, "read", packed(1_000)))).send(piece(3, bytes(10)));
        Message next = peer.receive();
        while (next.header().text(Header.CONTROL) != null) {
            next = peer.receive();
        }
        assertThat(next.header().id() + " " + next.text()).isEqualTo("3 read 1010");
        peer.send(control("cancel", 1));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
        gate.release(2);
    }
}
