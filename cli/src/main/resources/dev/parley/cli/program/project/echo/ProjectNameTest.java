package projectname;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.testkit.Census;
import dev.parley.testkit.CensusExtension;
import dev.parley.testkit.RawPeer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests over real sockets, on a free port; afterwards the census makes sure that nothing is left open. */
@ExtendWith(CensusExtension.class)
class ProjectNameTest {
    private EventLoop loop;
    private Listener listener;

    @BeforeEach
    void start(Census census) throws Exception {
        loop = census.startLoop(EventLoop.builder());
        listener = Listener.open(loop, Address.parse("tcp://127.0.0.1:0"));
        Thread.ofVirtual().start(() -> {
            try {
                listener.serve(ProjectNameServer::converse);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void stop() {
        listener.close();
        loop.close();
    }

    @Test
    void everythingComesBack() throws Exception {
        try (var connection = Connection.connect(loop, listener.address())) {
            assertEquals("Hello, world", ProjectNameClient.ask(connection, "Hello, world"));
        }
    }

    @Test
    void bytesInPiecesComeBackWhole() throws Exception {
        try (var peer = RawPeer.connect(listener.address())) {
            peer.sendByteByByte((byte) 1, (byte) 2, (byte) 3).shutdownOutput();
            assertArrayEquals(new byte[] {1, 2, 3}, peer.receiveToEnd());
        }
    }
}
