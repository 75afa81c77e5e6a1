package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.SendFile;
import dev.parley.net.mem.MemNetwork;
import dev.parley.tests.bed.TestBed;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests a file that was opened and cannot be read any more. The peer is not the cause. */
@Timeout(60)
class UnreadableFileTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @ParameterizedTest
    @EnumSource(names = {"MEM", "TCP_IPV4", "URING_IPV4", "TLS_TCP"})
    void itEndsTheConnectionAsAFailureOfThisSide(Wire wire, @TempDir Path directory) throws Exception {
        EventLoop loop = bed.newLoop(wire.settings(new MemNetwork()));
        LoopListener listener = loop.listen(wire.free(), new LoopPeer());
        var client = new LoopPeer();
        LoopConnection connection = loop.connect(listener.address(), client);
        client.awaitOpened();
        Path path = Files.write(directory.resolve("file"), new byte[10]);
        try (SendFile file = SendFile.open(path)) {
            Files.write(path, new byte[5]);
            loop.execute(() -> connection.send(file.region(0, 10)));
            assertThat(bed.census().awaitClosed(connection)).isEqualTo(CloseReason.FAILED);
            assertThat(connection.closeText()).contains(path + " has become shorter while it was sent");
        }
    }
}
