package dev.parley.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.RefusedException;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class FileSyncTest {
    private static final int BYTES = 64 * 1024 * 1024;

    @TempDir
    private Path folder;

    private Path file() throws IOException {
        var content = new byte[BYTES];
        new Random(3).nextBytes(content);
        return Files.write(folder.resolve("data.bin"), content);
    }

    @Test
    void bothDirectionsGoOnAfterTheServerWasKilledInTheMiddle() throws Exception {
        Path file = file();
        Path there = Files.createDirectory(folder.resolve("there"));
        Path back = Files.createDirectory(folder.resolve("back"));
        String address = "unix:" + folder.resolve("s");
        Program server = Program.start(FileSync.class, "server", address, there.toString());
        server.address();
        try (var client = Client.connect(address)) {
            CompletableFuture<Long> pushing = CompletableFuture.supplyAsync(() -> push(client, file));
            Await.until("a part has arrived", () -> sizeOf(there.resolve("data.bin.part")) > BYTES / 8);
            server.kill();
            assertThatThrownBy(pushing::get).isInstanceOf(ExecutionException.class);
            assertThat(there.resolve("data.bin")).doesNotExist();

            server = Program.start(FileSync.class, "server", address, there.toString());
            server.address();
            assertThat(push(client, file)).isBetween(BYTES / 8L, (long) BYTES - 1);
            assertThat(there.resolve("data.bin")).hasSameBinaryContentAs(file);
            assertThat(push(client, file)).as("all of it is there").isEqualTo(BYTES);

            Files.write(back.resolve("data.bin.part"), Arrays.copyOf(Files.readAllBytes(file), 5_000_000));
            assertThat(FileSync.pull(client, "data.bin", back)).isEqualTo(5_000_000);
            assertThat(back.resolve("data.bin")).hasSameBinaryContentAs(file);
        } finally {
            server.kill();
        }
    }

    @Test
    void aPartOfAnotherFileIsNotGoneOnWith() throws Exception {
        Path file = Files.writeString(folder.resolve("a.txt"), "the new content");
        Path there = Files.createDirectory(folder.resolve("there"));
        Files.writeString(there.resolve("a.txt.part"), "an old");
        try (var server = new FileSync(there).serving().listen("unix:" + folder.resolve("s"));
                var client = Client.connect(server.address())) {
            assertThat(FileSync.push(client, file)).isZero();
            assertThat(there.resolve("a.txt")).hasContent("the new content");
            Path back = Files.createDirectory(folder.resolve("back"));
            Files.writeString(back.resolve("a.txt.part"), "an old");
            assertThat(FileSync.pull(client, "a.txt", back)).isZero();
            assertThat(back.resolve("a.txt")).hasContent("the new content");
            assertThatThrownBy(() -> client.call(FileSync.HAVE, new FileSync.Ask("../a.txt", 0)))
                    .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.applicationCode())
                            .isEqualTo("bad-name"));
        }
    }

    @Test
    void aNegativeNumberOfBytesIsNotAFailureOfTheServer() throws Exception {
        Path file = Files.writeString(folder.resolve("a.txt"), "the content");
        try (var server = new FileSync(Files.createDirectory(folder.resolve("there")))
                        .serving()
                        .listen("unix:" + folder.resolve("s"));
                var client = Client.connect(server.address())) {
            assertThat(client.call(FileSync.HAVE, new FileSync.Ask("a.txt", -1)))
                    .isEqualTo(client.call(FileSync.HAVE, new FileSync.Ask("a.txt", 0)));
            var negative = new FileSync.Put("a.txt", -1, 1, "");
            assertThatThrownBy(() -> client.upload(FileSync.PUT, negative, file, 0, CallOptions.DEFAULT))
                    .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.applicationCode())
                            .isEqualTo("wrong-offset"));
        }
    }

    private static long push(Client client, Path file) {
        try {
            return FileSync.push(client, file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long sizeOf(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
