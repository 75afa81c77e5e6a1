package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a command prints about its connections. */
class CliObserverTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Io io = new Io(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), err, false);

    /** Each loop of a command says it. */
    @Test
    void whichTransportIsUsedIsSaidOnce() {
        var observer = new CliObserver(io, false);
        observer.servesInstead("nio is used, because x", false);
        observer.servesInstead("nio is used, because x", true);
        observer.servesInstead("nio is used, because x", true);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("parley: nio is used, because x\n");
    }

    /** A peer's text in a warning does not begin a line of its own, which would look like one of ours. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachEventIsOneLine(boolean verbose) {
        var observer = new CliObserver(io, verbose);
        observer.warned("said x\nparley: listening on tcp://*:1");
        var cause = new IOException("said y");
        cause.setStackTrace(new StackTraceElement[0]);
        observer.failed("cannot do z\nparley: closed", cause);
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.subList(0, 2))
                .containsExactly(
                        "parley: said x\\u000aparley: listening on tcp://*:1",
                        "parley: cannot do z\\u000aparley: closed: java.io.IOException: said y");
        assertThat(lines).hasSize(verbose ? 3 : 2); // the trace
    }

    /** A warning of them comes once in a while only. */
    @Test
    void eachRefusedConnectionIsShownWithVerbose() {
        Address at = Address.parse("tls://127.0.0.1:1");
        Address from = Address.parse("tls://127.0.0.1:2");
        new CliObserver(io, false).refused(at, from, new IOException("it has no\nplace"));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        new CliObserver(io, true).refused(at, from, new IOException("it has no\nplace"));
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "parley: refused a connection at tls://127.0.0.1:1 from tls://127.0.0.1:2: it has no\\u000aplace\n");
    }

    @Test
    void changedCertificatesAreNamed() {
        new CliObserver(io, false).reloaded("new handshakes use them: CN=new");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("parley: new handshakes use them: CN=new\n");
    }
}
