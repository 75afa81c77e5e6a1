package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.framing.FrameReceiver;
import dev.parley.net.framing.Framer;
import dev.parley.net.framing.FramingException;
import dev.parley.testkit.Await;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests frames on a loop: each is passed once, and one that is not allowed costs its own connection alone. */
class FramingContract extends LoopContract {
    private static final Framer LINES = Framer.lines(20);

    private final List<LoopConnection> accepted = new CopyOnWriteArrayList<>();

    FramingContract(Wire wire) {
        super(wire);
    }

    /** Answers each line, and says what is wrong with a line that is not allowed. */
    private static class Answering extends FrameReceiver {
        Answering() {
            super(LINES);
        }

        @Override
        protected void frame(LoopConnection connection, ByteBuffer line) {
            String text = StandardCharsets.UTF_8.decode(line).toString();
            connection.send(LINES.encode("<" + text + ">"));
            switch (text) {
                case "quit" -> connection.close();
                case "raw" -> connection.receiver((same, bytes) -> same.send(bytes));
                case "fail" -> throw new IllegalStateException("on purpose");
                default -> {}
            }
        }

        @Override
        protected void badFrame(LoopConnection connection, FramingException bad) {
            connection.send((bad.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private LoopPeer peer() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), connection -> {
            accepted.add(connection);
            return new Answering();
        });
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        return client.awaitOpened();
    }

    private void awaitClosedWith(CloseReason reason) {
        Await.until(
                "one is closed with " + reason, () -> census.closedByReason().containsKey(reason));
    }

    private static String all(LoopPeer peer) throws Exception {
        return new String(peer.receiveToEnd(), StandardCharsets.UTF_8);
    }

    @Test
    void piecesBecomeLines() throws Exception {
        LoopPeer peer = peer();
        for (byte each : text("one\r\ntwo\n\n")) {
            peer.send(new byte[] {each});
        }
        peer.send(text("three\nfour\nfive\n"));
        peer.shutdownOutput();
        assertThat(all(peer)).isEqualTo("<one>\n<two>\n<>\n<three>\n<four>\n<five>\n");
    }

    @Test
    void nothingIsAnsweredAfterTheClose() throws Exception {
        LoopPeer peer = peer();
        peer.send(text("one\nquit\ntwo\nthree\n"));
        peer.send(zeros(100_000));
        assertThat(all(peer)).isEqualTo("<one>\n<quit>\n");
    }

    @Test
    void aLineThatIsTooLongIsAnsweredAndEndsTheConnection() throws Exception {
        LoopPeer peer = peer();
        peer.send(text("one\n" + "x".repeat(21)));
        peer.send(zeros(100_000));
        assertThat(all(peer)).isEqualTo("<one>\na line has at most 20 bytes, and more have arrived\n");
        peer.close();
        awaitClosedWith(CloseReason.LIMIT);
        assertThat(accepted.getLast().closeText()).isEqualTo("a line has at most 20 bytes, and more have arrived");
    }

    @Test
    void anEndInsideALineIsAnsweredToo() throws Exception {
        LoopPeer peer = peer();
        peer.send(text("one\ntw"));
        peer.shutdownOutput();
        assertThat(all(peer)).isEqualTo("<one>\nthe stream ended inside a frame, after 2 bytes\n");
        awaitClosedWith(CloseReason.PROTOCOL);
        assertThat(accepted.getLast().closeText()).isEqualTo("the stream ended inside a frame, after 2 bytes");
        assertThat(accepted.getLast().closeCause()).isInstanceOf(FramingException.class);
    }

    /** After a line, a proxy's tunnel or an upgraded protocol may begin: the bytes behind the line are not lost. */
    @Test
    void theNextReceiverGetsWhatFollowsTheLine() throws Exception {
        for (String first : new String[] {"raw\nnot\nlines", "r"}) {
            LoopPeer peer = peer();
            peer.send(text(first));
            if (first.equals("r")) {
                peer.send(text("aw\nnot\nlines"));
            }
            peer.send(text(" at all"));
            peer.shutdownOutput();
            assertThat(all(peer)).isEqualTo("<raw>\nnot\nlines at all");
        }
    }

    /** A receiver keeps a part of a frame, so the bytes of two peers would be mixed in one frame. */
    @Test
    void aReceiverServesOneConnectionAlone() throws Exception {
        LoopListener listener = newLoop()
                .listen(
                        wire.free(),
                        FrameReceiver.of(
                                LINES,
                                (connection, line) -> connection.send(LINES.encode(
                                        StandardCharsets.UTF_8.decode(line).toString()))));
        var first = new LoopPeer();
        newLoop().connect(listener.address(), first);
        first.awaitOpened().send(text("one\nof the first"));
        assertThat(new String(first.receive(4), StandardCharsets.UTF_8)).isEqualTo("one\n");
        var second = new LoopPeer();
        newLoop().connect(listener.address(), second);
        second.awaitOpened().send(text("of the second\n"));
        awaitClosedWith(CloseReason.FAILED);
        assertThat(census.takeFailures()).singleElement().asString().contains("each connection needs a FrameReceiver");
        first.send(text("\n"));
        first.shutdownOutput();
        assertThat(all(first)).endsWith("of the first\n");
    }

    @Test
    void aFrameThatThrowsCostsItsOwnConnectionAlone() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), connection -> new Answering());
        var failing = new LoopPeer();
        newLoop().connect(listener.address(), failing);
        var other = new LoopPeer();
        newLoop().connect(listener.address(), other);
        other.awaitOpened().send(text("o"));
        failing.awaitOpened().send(text("fail\n"));
        awaitClosedWith(CloseReason.FAILED);
        other.send(text("ne\n"));
        other.shutdownOutput();
        assertThat(all(other)).isEqualTo("<one>\n");
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
    }

    @Test
    void aFunctionThatMakesNoReceiverCostsItsOwnConnectionAlone() throws Exception {
        var connections = new AtomicInteger();
        LoopListener listener = newLoop()
                .listen(wire.free(), connection -> connections.incrementAndGet() == 1 ? nothing() : new Answering());
        newLoop().connect(listener.address(), new LoopPeer());
        awaitClosedWith(CloseReason.FAILED);
        var second = new LoopPeer();
        newLoop().connect(listener.address(), second);
        second.awaitOpened().send(text("one\n"));
        second.shutdownOutput();
        assertThat(all(second)).isEqualTo("<one>\n");
        assertThat(census.takeFailures()).singleElement().asString().contains("has returned null");
        Await.until("no connection is counted any more", () -> listener.openConnections() == 0);
    }

    @SuppressWarnings("NullAway") // what a careless function returns
    private static FrameReceiver nothing() {
        return null;
    }
}
