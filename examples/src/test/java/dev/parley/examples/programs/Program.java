package dev.parley.examples.programs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the programs as a process of its own, which a test kills as a crash does. */
final class Program implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private Program(Process process) {
        this.process = process;
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Program start(Class<?> main, String... arguments) throws IOException {
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        line.addAll(List.of(arguments));
        return new Program(new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Waits for the line that says where the program listens, and returns the address. */
    String address() throws IOException {
        String line = out.readLine();
        if (line == null || !line.startsWith("listening on ")) {
            throw new IOException("instead of an address: " + line);
        }
        return line.substring("listening on ".length());
    }

    /** Lets the program's writes to files fail from this length on, as on a full disk. Skips the test if it cannot. */
    void fileBytesMax(String bytes) throws Exception {
        Path prlimit = Path.of("/usr/bin/prlimit");
        assumeTrue(Files.isExecutable(prlimit), prlimit + " is not installed");
        var limiting =
                new ProcessBuilder(prlimit.toString(), "--pid", Long.toString(process.pid()), "--fsize=" + bytes + ":");
        int status = limiting.inheritIO().start().waitFor();
        assumeTrue(status == 0, prlimit + " ended with status " + status); // the hard limit may be lower
    }

    /** Ends the program at once, as SIGKILL does. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
