package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that the peer of a Unix socket may name its own end as it likes, and that the name affects neither a log nor a
 * terminal.
 */
@Timeout(60)
class PeerNameTest {
    private static final String NAME = "q\u001b]0;P\u0007\nforged line\rX\u202e\u0085Y";

    private final Census census = new Census();
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** The census, and the lines that were logged. */
    private final class Telling implements ForwardingEvents {
        @Override
        public LoopObserver to() {
            return census;
        }

        @Override
        public void failed(String where, Throwable cause) {
            lines.add(where);
        }

        @Override
        public void warned(String message) {
            lines.add(message);
        }
    }

    private static void isOneLine(String text) {
        assertThat(text).contains("forged line");
        assertThat(text.codePoints())
                .as("%s", text)
                .allMatch(point -> point >= ' ' && point != 0x85 && point != 0x202e);
    }

    /** Asserts that the address itself is unchanged: it prints as it parses. */
    private static void isThePeer(ConnectionInfo info, Path name) {
        assertThat(info.peerAddress()).isEqualTo(new Address.Unix(name));
        assertThat(Address.parse(info.peerAddress().toString())).isEqualTo(info.peerAddress());
    }

    private static SocketChannel connect(Path own, Address to) throws Exception {
        SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX);
        peer.bind(UnixDomainSocketAddress.of(own));
        peer.connect(UnixDomainSocketAddress.of(((Address.Unix) to).path()));
        return peer;
    }

    @ParameterizedTest
    @EnumSource(names = {"UNIX", "URING_UNIX"})
    void whatIsReportedAboutAConnectionIsOneLine(Wire wire, @TempDir Path directory) throws Exception {
        Path own = directory.resolve(NAME);
        EventLoop loop = census.watch(
                wire.settings(new MemNetwork()).observer(new Telling()).start());
        var shown = new CopyOnWriteArrayList<String>();
        Receiver throwing = new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                isThePeer(connection, own);
                shown.add(connection.toString());
                throw new IllegalStateException("the receiver's own");
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                throw new IllegalStateException("the receiver's own");
            }
        };
        try (loop;
                LoopListener listener = loop.listen(wire.free(), throwing);
                SocketChannel peer = connect(own, listener.address())) {
            Await.until("both are told", () -> lines.size() == 2);
            assertThat(peer.read(ByteBuffer.allocate(1))).isNegative();
        }
        lines.forEach(PeerNameTest::isOneLine);
        shown.forEach(PeerNameTest::isOneLine);
        assertThat(shown).hasSize(1);
        Files.deleteIfExists(own);
        census.assertNothingLeft();
    }

    @ParameterizedTest
    @EnumSource(names = {"UNIX", "URING_UNIX"})
    void whatAStreamThrowsIsOneLine(Wire wire, @TempDir Path directory) throws Exception {
        Path own = directory.resolve(NAME);
        EventLoop loop = census.watch(
                wire.settings(new MemNetwork()).observer(new Telling()).start());
        try (loop;
                Listener listener = Listener.open(loop, wire.free());
                SocketChannel peer = connect(own, listener.address())) {
            Connection accepted = listener.accept();
            assertThat(peer.isConnected()).isTrue();
            accepted.close();
            try {
                accepted.in().read();
            } catch (ConnectionClosedException closed) {
                lines.add(closed.getMessage());
            }
        }
        assertThat(lines).hasSize(1);
        lines.forEach(PeerNameTest::isOneLine);
        Files.deleteIfExists(own);
        census.assertNothingLeft();
    }

    /** The default events escape such a line as well if another observer passes it to them. */
    @ParameterizedTest
    @EnumSource(names = "UNIX")
    void theDefaultEventsLogOneLine(Wire wire) {
        assertThat(wire).isNotNull();
        Logger logger = Logger.getLogger("dev.parley");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                lines.add(logged.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        boolean before = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        try {
            LoopObserver.logging().warned("from " + NAME);
            LoopObserver.logging()
                    .failed("with " + NAME, new IllegalStateException("a text\nof two lines stays the application's"));
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(before);
        }
        assertThat(lines).hasSize(2);
        lines.forEach(PeerNameTest::isOneLine);
    }
}
