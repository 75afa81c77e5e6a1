package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.tests.bed.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests errors of the system that no test can cause on every machine. strace(1) puts them in the place of a call's
 * result: each command ends with the right status and one line that names that call's cause. Without strace nothing is
 * tried.
 */
@Timeout(600)
class InjectedErrorsTest {
    private static final List<String> CLIENTS =
            List.of("call %s x", "app client %s search x", "echo client %s hi", "multi client %s -n 1");
    private static final List<String> SERVERS = List.of("echo server %s", "multi server %s", "app server %s");
    private static final boolean EACH = Boolean.getBoolean("parley.full");
    private static final String AT = "tcp://127.0.0.1:9";

    private final Programs programs = new Programs();

    @AfterEach
    void endThem() {
        programs.close();
    }

    /**
     * Runs a command in which the calls fail; of connects and accepts only the first: those after it find out how this
     * system names its errors, or are to go well. A bind is tried again if no process holds the address, so each fails.
     */
    private Programs.Running runWith(String call, String error, String line) throws Exception {
        List<String> strace = List.of(
                "strace",
                "-D",
                "-f",
                "-qqq",
                "-o",
                "/dev/null",
                "-e",
                "trace=" + call,
                "-e",
                "inject=" + call + ":error=" + error + (call.equals("bind") ? "" : ":when=1"));
        return programs.parleyUnder(strace, (line + " --transport nio").split(" ", -1));
    }

    private static boolean mayTrace() throws Exception {
        if (!Programs.has("strace")) {
            return false;
        }
        Process tried = new ProcessBuilder("strace", "-qqq", "-o", "/dev/null", "true").start();
        return tried.waitFor() == 0;
    }

    /**
     * Returns the commands to try: an ordinary run tries one for an error, not the same for each error; a full one
     * tries all.
     */
    private static List<String> some(List<String> commands, String error) {
        return EACH ? commands : List.of(commands.get(Math.floorMod(error.hashCode(), commands.size())));
    }

    private void sweep(List<String> all, String address, String call, String error, int status, String words)
            throws Exception {
        assumeTrue(mayTrace(), "strace is not there, or may not trace");
        List<String> commands = some(all, error);
        var running = new ArrayList<Programs.Running>();
        for (String command : commands) {
            running.add(runWith(call, error, String.format(command, address)));
        }
        for (int i = 0; i < running.size(); i++) {
            Programs.Running each = running.get(i);
            String what = commands.get(i) + " with " + error + " of " + call;
            assertThat(each.exitCode()).as("%s: %s", what, each.err()).isEqualTo(status);
            assertThat(each.err()).as(what).hasLineCount(1).contains(address).contains(words);
            assertThat(each.out()).as(what).doesNotContain("cannot");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ENETUNREACH|3|unreachable; check the network",
                "EHOSTUNREACH|3|unreachable; check the network",
                "ETIMEDOUT|4|timed out",
                "ECONNREFUSED|3|connection refused; is the server started, and is the port right?",
                "EACCES|3|permission denied; a firewall of this host, or the sandbox of this program, forbids it",
                "EPERM|3|permission denied; a firewall of this host, or the sandbox of this program, forbids it",
                "EADDRNOTAVAIL|3|no local port is free towards",
                "EMFILE|3|too many open files; raise the limit with ulimit -n",
                "ENOBUFS|3|No buffer space available",
                "ECONNRESET|3|reset"
            })
    void aConnectThatTheSystemRefuses(String error, int status, String words) throws Exception {
        sweep(CLIENTS, AT, "connect", error, status, words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EACCES|permission denied; the sandbox of this program, or a policy of this host, forbids it",
                "EADDRNOTAVAIL|this host has no such address",
                "EADDRINUSE|no local port is free",
                "EINVAL|Invalid argument"
            })
    void aBindThatTheSystemRefuses(String error, String words) throws Exception {
        sweep(SERVERS, "tcp://127.0.0.1:0", "bind", error, 3, words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EACCES|permission denied; choose a path",
                "EADDRINUSE|address already in use; choose another path",
                "EROFS|Read-only file system",
                "ENOSPC|No space left on device"
            })
    void aPathThatTheSystemRefuses(String error, String words, @TempDir Path directory) throws Exception {
        sweep(SERVERS, "unix:" + directory.resolve("s"), "bind", error, 3, words);
    }

    /** The listener is there; the system refuses a client's connection, and the server goes on. */
    @Test
    void anAcceptThatTheSystemRefusesCostsThatConnectionAtMost() throws Exception {
        assumeTrue(mayTrace(), "strace is not there, or may not trace");
        for (String error : List.of("ECONNABORTED", "EMFILE", "ENFILE", "ENOBUFS", "EPERM", "EPROTO")) {
            Programs.Running server = runWith("accept4,accept", error, "app server tcp://127.0.0.1:0");
            String address = Programs.addressOf(server);
            var client = programs.parley("app", "client", address, "search", "morpheus");
            assertThat(client.exitCode())
                    .as("%s: %s; %s", error, client.err(), server.errSoFar())
                    .isZero();
            assertThat(server.errSoFar().lines().toList()).as(error).hasSizeLessThanOrEqualTo(1);
        }
    }
}
