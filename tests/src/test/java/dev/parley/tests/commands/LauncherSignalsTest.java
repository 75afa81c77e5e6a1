package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the launcher, and the processes that it has started, at a signal. */
@Timeout(300)
class LauncherSignalsTest extends LauncherBed {
    private enum Signal {
        HUP(1),
        INT(2),
        TERM(15);

        final int number;

        Signal(int number) {
            this.number = number;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalEndsTheBuildAsWell(String signal) throws Exception {
        script(
                "bin/mvn",
                "echo $$ >\"" + directory + "/maven.new\"; mv \"" + directory + "/maven.new\" \"" + directory
                        + "/maven\"; exec sleep 50");
        // A job in the background of a script ignores SIGINT, and so would all that it starts.
        Process launcher = start(
                Map.of(),
                "env",
                "--default-signal=" + signal,
                checkout.resolve("parley").toString(),
                "tour");
        Await.until("Maven runs", () -> Files.exists(directory.resolve("maven")));
        long maven = Long.parseLong(Files.readString(directory.resolve("maven")).strip());
        new ProcessBuilder("kill", "-" + signal, Long.toString(launcher.pid()))
                .start()
                .waitFor();
        assertThat(launcher.waitFor(240, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(128 + Signal.valueOf(signal).number);
        Await.until("Maven has ended", () -> ProcessHandle.of(maven).isEmpty());
    }

    /**
     * The shell handles a signal only when the command of its own that it waits for has ended, and only if that
     * succeeded.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalBeforeTheStartIsNotLost(String signal) throws Exception {
        parley("tour");
        Path asked = directory.resolve("asked");
        Path go = directory.resolve("go");
        script("bin/find", ": >\"" + asked + "\"; while [ ! -e \"" + go + "\" ]; do sleep 0.01; done; exit 0");
        Process launcher = start(
                Map.of(),
                "env",
                "--default-signal=" + signal,
                checkout.resolve("parley").toString(),
                "tour");
        Await.until("it looks for a change", () -> Files.exists(asked));
        new ProcessBuilder("kill", "-" + signal, Long.toString(launcher.pid()))
                .start()
                .waitFor();
        Files.createFile(go);
        assertThat(launcher.waitFor(240, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(128 + Signal.valueOf(signal).number);
        assertThat(told("out")).isEmpty();
    }

    /** A process of its own draws the progress line: it would go on, and keep the reader of the output waiting. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP", "KILL"})
    void aSignalEndsTheProgressLineAsWell(String signal) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "util-linux makes the terminal");
        Path recording = directory.resolve("recording");
        script(
                "jdk/bin/java",
                "case $* in *Training*) echo $PPID >\"" + recording + ".new\"; mv \"" + recording + ".new\" \""
                        + recording + "\"; while [ ! -e \"" + directory + "/go\" ]; do sleep 0.01; done ;; esac");
        String command = "'" + checkout.resolve("parley") + "' tour | cat; : >over; read -r stays";
        Process terminal = start(
                Map.of("TERM", "xterm"),
                "env",
                "--default-signal=INT",
                "script",
                "--quiet",
                "--return",
                "--command",
                command,
                "/dev/null");
        try {
            Await.until("it records what commands need", () -> Files.exists(recording));
            long launcher = Long.parseLong(Files.readString(recording).strip());
            List<ProcessHandle> its =
                    ProcessHandle.of(launcher).orElseThrow().children().toList();
            new ProcessBuilder("kill", "-" + signal, Long.toString(launcher))
                    .start()
                    .waitFor();
            Files.createFile(directory.resolve("go"));
            Await.until("the reader is at the end", () -> Files.exists(directory.resolve("over")));
            Await.until("no process goes on", () -> its.stream().noneMatch(ProcessHandle::isAlive));
            assertThat(its).hasSizeGreaterThan(1);
        } finally {
            terminal.destroy();
        }
    }
}
