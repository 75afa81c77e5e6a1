package projectname;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopListener;
import dev.parley.testkit.Census;
import dev.parley.testkit.CensusExtension;
import dev.parley.testkit.RawPeer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests over real sockets, on a free port; afterwards the census makes sure that nothing is left open. */
@ExtendWith(CensusExtension.class)
class ProjectNameTest {
    private EventLoop loop;
    private LoopListener listener;

    @BeforeEach
    void start(Census census) throws Exception {
        loop = census.startLoop(EventLoop.builder());
        listener = loop.listen(Address.parse("tcp://127.0.0.1:0"), connection -> new ProjectNameServer.Session());
    }

    @AfterEach
    void stop() {
        loop.close();
    }

    @Test
    void answersLineByLine() throws Exception {
        try (var connection = Connection.connect(loop, listener.address())) {
            var client = new ProjectNameClient(connection);
            assertEquals("HELLO", client.ask("UPPER hello"));
            assertEquals("5", client.ask("LENGTH hello"));
        }
    }

    @Test
    void aLineInPiecesAndLinesInOnePieceAreTheSameLines() throws Exception {
        try (var peer = RawPeer.connect(listener.address())) {
            peer.sendByteByByte("UPPER a\r\n".getBytes(StandardCharsets.UTF_8))
                    .send("LENGTH abc\nUPPER bye\nQUIT\nUPPER c\n");
            assertEquals("A\n3\nBYE\nBYE\n", new String(peer.receiveToEnd(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void aLineWithoutAnEndIsRefused() throws Exception {
        try (var peer = RawPeer.connect(listener.address())) {
            peer.send("x".repeat(8 * 1024 + 1)).shutdownOutput();
            assertTrue(new String(peer.receiveToEnd(), StandardCharsets.UTF_8).startsWith("ERROR a line has at most"));
        }
    }
}
