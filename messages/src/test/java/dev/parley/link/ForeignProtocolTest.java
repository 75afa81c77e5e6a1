package dev.parley.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.FrameReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the table of docs/protocol.md, section 11, with near misses of each row. */
class ForeignProtocolTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "47 45 54|HTTP",
                "4f 50 54|HTTP",
                "48 54 54|HTTP as a server",
                "16 03 01|TLS",
                "15 03 03|TLS",
                "16 04 01|something else",
                "17 03 01|something else",
                "53 53 48|SSH",
                "50 52 4f|the PROXY protocol",
                "0d 0a 0d|the PROXY protocol, version 2",
                "0d 0b 0d|something else",
                "50 52 49|HTTP/2",
                "2a 30 0d|Redis",
                "2a 39 0d|Redis",
                "2a 2f 0d|something else",
                "2a 3a 0d|something else",
                "50 49 4e|Redis or NATS",
                "43 4f 4e|NATS",
                "45 48 4c|SMTP",
                "ef bb bf|text with a byte-order mark",
                "ef bb be|something else",
                "ef ba bf|something else",
                "00 02 5b|something else"
            })
    void threeBytesAreAGuess(String hex, String name) {
        String[] bytes = hex.split(" ", 3);
        var begin = new FrameReader.Foreign(
                Integer.parseInt(bytes[0], 16), Integer.parseInt(bytes[1], 16), Integer.parseInt(bytes[2], 16));
        assertThat(ForeignProtocol.guess(begin).name()).isEqualTo(name);
    }

    @Test
    void eachSideIsToldWhatMayBeMeant() {
        assertThat(new ForeignProtocol("HTTP").seenByServer()).contains("browser");
        assertThat(new ForeignProtocol("TLS").seenByServer()).contains("this port has no TLS");
        assertThat(new ForeignProtocol("SSH").seenByServer())
                .contains("spoke SSH")
                .contains("another port");
        assertThat(new ForeignProtocol("HTTP as a server").seenByClient()).contains("it speaks HTTP, not");
        assertThat(new ForeignProtocol("TLS").seenByClient()).contains("connect to its tls:// address");
        assertThat(new ForeignProtocol("SSH").seenByClient()).contains("it speaks SSH");
    }

    @Test
    void onlyABrowserGetsAPage() {
        assertThat(new ForeignProtocol("HTTP").isHttp()).isTrue();
        assertThat(new ForeignProtocol("HTTP/2").isHttp()).isFalse();
        assertThat(new ForeignProtocol("HTTP as a server").isHttp()).isFalse();
    }
}
