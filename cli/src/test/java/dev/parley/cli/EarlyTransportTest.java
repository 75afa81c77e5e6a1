package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which command lines need a transport, since the kernel is asked early only for these. */
class EarlyTransportTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo server",
                "multi client -n 3",
                "-v app server",
                "--color never echo client",
                "--color=never -v multi server"
            })
    void aServerOrClientNeedsOne(String line) {
        assertThat(EarlyTransport.useIt(line.split(" ", -1))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "echo",
                "-v",
                "--color",
                "--color echo",
                "--color echo server",
                "tour",
                "echo nonsense",
                "-v echo server --help",
                "--color always multi server --transport nio"
            })
    void othersDoNot(String line) {
        assertThat(EarlyTransport.useIt(line.split(" ", -1))).isFalse();
    }
}
