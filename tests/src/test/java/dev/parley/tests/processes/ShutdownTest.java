package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a user's program that has to end, by a signal or by itself: requests under way are answered, and the code
 * behind them runs.
 */
@Timeout(300)
class ShutdownTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Programs programs = bed.keep(new Programs());

    /** Starts a program. A job in the background of a script ignores SIGINT, and so would all that it starts. */
    private Programs.Running start(String ends) throws IOException {
        return programs.mainUnder(List.of("env", "--default-signal=INT,TERM"), List.of(), DrainedProgram.class, ends);
    }

    private static void send(String signal, Programs.Running to) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(to.process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"TERM, returns, 143", "INT, returns, 130", "TERM, exits, 143"})
    void theRequestIsAnsweredAndWhatStandsBehindJoinRuns(String signal, String ends, int status) throws Exception {
        var program = start(ends);
        try (Client client = bed.client(Address.parse(Programs.addressOf(program)))) {
            var answer = client.callAsync("held", Message.text(""), CallOptions.timeout(Duration.ofMinutes(2)))
                    .toCompletableFuture();
            Await.until("the handler runs", () -> program.outSoFar().contains("handling"));
            send(signal, program);
            Await.until("it goes away", () -> refuses(client));
            program.process.getOutputStream().write('A');
            program.process.getOutputStream().flush();
            assertThat(answer.get(60, TimeUnit.SECONDS).text()).isEqualTo("read 65");
        }
        assertThat(program.exitCode()).as(program::err).isEqualTo(status);
        assertThat(program.out()).endsWith("after join\nfinally\n");
    }

    @Test
    void aSourceProgramEndsAsSoonAsItsServerIsDrained(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("Drained.java"), """
                import dev.parley.*;

                void main() throws Exception {
                    try (var server = Server.builder().otherwise(request -> request).listen("tcp://127.0.0.1:0")) {
                        server.drainOnShutdown(Duration.ofHours(1));
                        IO.println("listening on " + server.address());
                        server.join();
                    }
                    IO.println("after join");
                }
                """);
        var program = programs.parley("run", file.toString());
        Programs.addressOf(program);
        program.terminate();
        assertThat(program.exitCode()).as(program::err).isEqualTo(143);
        assertThat(program.out()).endsWith("after join\n");
    }

    /** Returns true if the server does not listen any more, and takes nothing new. */
    private static boolean refuses(Client client) {
        try {
            client.call("parley.peer", Message.text(""), CallOptions.timeout(Duration.ofMillis(100)));
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSecondSignalEndsAtOnce(String second) throws Exception {
        var program = start("returns");
        try (Client client = bed.client(Address.parse(Programs.addressOf(program)))) {
            var answer = client.callAsync("held", Message.text(""), CallOptions.timeout(Duration.ofMinutes(2)))
                    .toCompletableFuture();
            Await.until("the handler runs", () -> program.outSoFar().contains("handling"));
            send("TERM", program);
            Await.until("it goes away", () -> refuses(client));
            send(second, program);
            assertThat(program.exitCode()).isEqualTo(second.equals("TERM") ? 143 : 130);
            assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(CallException.class);
        }
        assertThat(program.out()).doesNotContain("after join");
    }

    @Test
    void aGraceIsZeroOrMore() throws Exception {
        Server server = bed.listen(bed.server().on("x", request -> request));
        assertThatThrownBy(() -> server.drainOnShutdown(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("zero or more");
    }
}
