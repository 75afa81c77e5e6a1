package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests a command that builds, in a checkout whose scripts only print what happens to them. */
@Timeout(180)
class EndedBuildTest {
    private static final String SCRIPT = """
            trap ': >"$0.ended"; exit 143' TERM
            : >"$0.started"
            while :; do sleep 0.01; done
            """;

    private final Programs programs = new Programs();

    @AfterEach
    void endPrograms() {
        programs.close();
    }

    /** Returns true if SIGHUP, the first signal, is in the mask of ignored ones (proc_pid_status(5)). */
    private static boolean ignoresHangUps() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0);
    }

    @ParameterizedTest
    @CsvSource({"install, TERM, 143", "install, HUP, 129", "package, TERM, 143"})
    void aSignalEndsTheBuildToo(String word, String signal, int status, @TempDir Path directory) throws Exception {
        assumeThat(signal.equals("HUP") && ignoresHangUps())
                .as("nohup lets all that it starts ignore the signal")
                .isFalse();
        Path scripts = Files.createDirectories(directory.resolve("scripts"));
        for (String name : List.of("install.sh", "package.sh")) {
            Files.writeString(scripts.resolve(name), SCRIPT);
        }
        var command = programs.parleyWith(List.of("-Dparley.home=" + directory), word);
        Path started = scripts.resolve(word + ".sh.started");
        Await.until("the build runs", () -> Files.exists(started) || !command.process.isAlive());
        new ProcessBuilder("kill", "-" + signal, Long.toString(command.process.pid()))
                .start()
                .waitFor();
        assertThat(command.exitCode()).isEqualTo(status);
        assertThat(scripts.resolve(word + ".sh.ended")).exists();
    }

    /** A shell without a trap ends at once, and what it runs would go on. */
    @Test
    void aSignalEndsWhatTheBuildRuns(@TempDir Path directory) throws Exception {
        Path scripts = Files.createDirectories(directory.resolve("scripts"));
        Path script = Files.writeString(scripts.resolve("install.sh"), "sleep 1000 & echo $! >\"$0.pid\"; wait\n");
        var command = programs.parleyWith(List.of("-Dparley.home=" + directory), "install");
        Path pid = scripts.resolve(script.getFileName() + ".pid");
        Await.until("the build runs", () -> {
            try {
                return Files.exists(pid) && Files.readString(pid).endsWith("\n") || !command.process.isAlive();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        var runs = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
        command.terminate();
        assertThat(command.exitCode()).isEqualTo(143);
        Await.until("it has ended", () -> runs.filter(ProcessHandle::isAlive).isEmpty());
    }
}
