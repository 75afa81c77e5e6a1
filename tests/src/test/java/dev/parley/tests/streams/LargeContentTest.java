package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests content many times the size of the memory, up and down, between two processes. {@code
 * -Dparley.large.mebibytes=10240} makes it ten gibibytes.
 */
@Timeout(600)
class LargeContentTest {
    private static final long MEBIBYTE = 1024 * 1024;
    private static final long MEBIBYTES = Long.getLong("parley.large.mebibytes", 256);
    private static final List<String> LITTLE_MEMORY = List.of("-Xmx64m", "-XX:MaxDirectMemorySize=32m");

    private final Programs programs = new Programs();

    @AfterEach
    void end() throws Exception {
        programs.close();
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, unix"})
    void goesThroughLittleMemory(String transport, String kind, @TempDir Path directory) throws Exception {
        Usable.transport(transport);
        String free = kind.equals("tcp") ? "tcp://127.0.0.1:0" : "unix:" + directory.resolve("s");
        var server = programs.main(LITTLE_MEMORY, LargeContent.class, "server", transport, free);
        String address = Programs.addressOf(server);
        String file = file(directory.resolve("large")).toString();
        var client = programs.main(LITTLE_MEMORY, LargeContent.class, "client", transport, address, file);
        assertThat(client.process.waitFor()).as(() -> client.err()).isZero();
        System.out.printf("promise large content, %s %s, %d MiB: %s", transport, kind, MEBIBYTES, client.out());
        assertThat(client.out()).startsWith("good good");
        assertThat(server.process.isAlive()).isTrue();
    }

    /**
     * Creates a file. Most of it is holes, so that it takes little of the disk; every mebibyte begins with its number.
     */
    private static Path file(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long number = 1; number <= MEBIBYTES; number++) {
                channel.write(ByteBuffer.allocate(8).putLong(0, number), (number - 1) * MEBIBYTE);
            }
            channel.write(ByteBuffer.allocate(1), MEBIBYTES * MEBIBYTE - 1);
        }
        return path;
    }
}
