package dev.parley.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Content many times the size of the memory, up and down, between two processes. {@code -Dparley.large.mebibytes=10240}
 * makes it ten gibibytes.
 */
@Timeout(600)
class LargeContentTest {
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
        String bytes = Long.toString(MEBIBYTES * 1024 * 1024);
        var client = programs.main(LITTLE_MEMORY, LargeContent.class, "client", transport, address, bytes);
        assertThat(client.process.waitFor()).as(() -> client.err()).isZero();
        System.out.printf("promise large content, %s %s, %d MiB: %s", transport, kind, MEBIBYTES, client.out());
        assertThat(client.out()).startsWith("good good");
        assertThat(server.process.isAlive()).isTrue();
    }
}
