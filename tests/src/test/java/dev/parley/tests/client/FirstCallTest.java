package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the cost of the first call of a process for the connections of its loop. To start Jackson takes half a second
 * of CPU, so a client that asks its server who it is, and calls with text, does without it.
 */
@Timeout(120)
class FirstCallTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    /** A process of its own, because Jackson was started in this one long ago. */
    static final class Caller {
        private Caller() {}

        public static void main(String... args) throws IOException {
            try (Client client = Client.connect(args[0])) {
                System.out.println(client.call("same", Message.text("hello")).text());
            }
        }
    }

    @Test
    void aCallWithTextStartsNoJackson(@TempDir Path directory) throws Exception {
        Path classes = directory.resolve("classes");
        Server server = bed.listen(bed.server().on("same", request -> request));
        Process caller = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + classes,
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Caller.class.getName(),
                        server.address().toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(caller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(caller.waitFor(60, TimeUnit.SECONDS)).as(said).isTrue();
        assertThat(said).isEqualTo("hello\n");
        assertThat(Files.readAllLines(classes))
                .anyMatch(line -> line.contains("dev.parley.Client "))
                .noneMatch(line -> line.contains("tools.jackson"));
    }
}
