package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.bed.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests programs like the tutorial's, in Python and with nothing of ours, against our commands, both ways. */
@EnabledIf(value = "hasPython", disabledReason = "python3 is not installed")
@Timeout(300)
class PythonInteropTest {
    private final Programs programs = new Programs();

    static boolean hasPython() {
        return Programs.hasPython();
    }

    @AfterEach
    void end() {
        programs.close();
    }

    private static String port(String address) {
        return address.substring(address.lastIndexOf(':') + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "multi"})
    void ourEchoServersAnswerPython(String iteration) throws Exception {
        String address = Programs.addressOf(programs.parley(iteration, "server", "tcp://localhost:0"));
        var client = programs.python("echo_client", "localhost", port(address), "Hello, world");
        assertThat(client.out()).isEqualTo("Hello, world\n");
        assertThat(client.exitCode()).isZero();
    }

    @Test
    void pythonsEchoServerAnswersOurClients() throws Exception {
        String port = programs.python("echo_server", "127.0.0.1", "0").firstLine();
        var one = programs.parley("echo", "client", "tcp://localhost:" + port, "Hello,", "world");
        assertThat(one.out()).isEqualTo("Hello, world\n");
        assertThat(one.exitCode()).isZero();
        var many = programs.parley("multi", "client", "tcp://127.0.0.1:" + port, "--connections", "100", "--json");
        assertThat(many.out()).contains("\"complete\": 100").contains("\"received_bytes\": 4400");
        assertThat(many.exitCode()).isZero();
    }

    @Test
    void aServerThatSendsTooLittleBackIsNoticed() throws Exception {
        String port = programs.python("echo_server", "127.0.0.1", "0", "short").firstLine();
        var one = programs.parley("echo", "client", "tcp://127.0.0.1:" + port, "12345");
        assertThat(one.exitCode()).isEqualTo(6);
        assertThat(one.err()).contains("4 of 5 bytes");
        var many = programs.parley("multi", "client", "tcp://127.0.0.1:" + port, "--timeout", "500ms");
        assertThat(many.exitCode()).isEqualTo(4);
        assertThat(many.out()).contains("2 failed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app_whole|morpheus|ok Follow the white rabbit. 🐰",
                "app_split|ring|ok In the caves beneath the Misty Mountains. 💍",
                "app_reordered|🐶|ok 🐾 Playing ball! 🏐",
                "app_spaced|morpheus|ok Follow the white rabbit. 🐰",
                "app_utf16|ring|ok In the caves beneath the Misty Mountains. 💍",
                "app_unknown_key|nothing|ok No match for 'nothing'.",
                "app_binary|12345678901234|binary/custom-server-binary-type First 10 bytes of request: 1234567890"
            })
    void ourAppServerAnswersPython(String peer, String value, String expected) throws Exception {
        String address = Programs.addressOf(programs.parley("app", "server", "tcp://127.0.0.1:0"));
        var client = programs.python(peer, "127.0.0.1", port(address), value);
        assertThat(client.out()).isEqualTo(expected + "\n");
        assertThat(client.exitCode()).isZero();
    }

    @Test
    void gluedRequestsAreAnsweredInOrder() throws Exception {
        String address = Programs.addressOf(programs.parley("app", "server", "tcp://127.0.0.1:0"));
        var client = programs.python("app_glued", "127.0.0.1", port(address), "ring", "x", "morpheus");
        assertThat(client.out().lines())
                .containsExactly(
                        "ok In the caves beneath the Misty Mountains. 💍",
                        "ok No match for 'x'.",
                        "ok Follow the white rabbit. 🐰");
    }

    @ParameterizedTest
    @ValueSource(strings = {"whole", "split"})
    void pythonsAppServerAnswersOurClient(String how) throws Exception {
        String port = programs.python("app_server", "127.0.0.1", "0", how).firstLine();
        var client = programs.parley("app", "client", "tcp://127.0.0.1:" + port, "search", "🐶");
        assertThat(client.out()).isEqualTo("search 🐶\n");
        assertThat(client.exitCode()).isZero();
    }

    @Test
    void pythonsAppServerAnswersBytes() throws Exception {
        String port = programs.python("app_server", "127.0.0.1", "0").firstLine();
        var client = programs.parley("app", "client", "tcp://127.0.0.1:" + port, "binary", "😃");
        assertThat(client.out()).isEqualTo("bytes: binary😃\n");
        assertThat(client.exitCode()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"half,6,closed in the middle of its answer", "garbage,6,it speaks HTTP", "never,4,within 1 s"})
    void aServerThatFailsIsToldInOneLine(String how, int status, String expected) throws Exception {
        String port = programs.python("app_server", "127.0.0.1", "0", how).firstLine();
        var client = programs.parley("app", "client", "tcp://127.0.0.1:" + port, "search", "x", "--timeout", "1s");
        assertThat(client.exitCode()).isEqualTo(status);
        assertThat(client.err()).hasLineCount(1).contains(expected);
    }
}
