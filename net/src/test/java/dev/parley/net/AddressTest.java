package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.mem.MemAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://localhost:65432",
                "tcp://127.0.0.1:0",
                "tcp://[::1]:65535",
                "tcp://[2001:db8::1:0:0:1]:80",
                "tcp://[fe80::1%1]:80",
                "tcp://*:1",
                "tcp://my-host_1.example.org:443",
                "tls://localhost:65432",
                "tls://[::1]:1",
                "unix:/tmp/a b/ä.sock",
                "unix:relative.sock",
                "mem:name-1",
                "mem:"
            })
    void whatIsParsedPrintsTheSame(String text) {
        Address address = Address.parse(text);
        assertThat(address).hasToString(text);
        assertThat(Address.parse(address.toString())).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource({"tcp://[0:0:0:0:0:0:0:1]:1,tcp://[::1]:1", "unix:///run/x,unix://run/x"})
    void otherSpellingsBecomeTheShortOne(String text, String printed) {
        if (text.startsWith("unix")) {
            assertThat(Address.parse(text)).isEqualTo(Address.parse("unix://run/x"));
        } else {
            assertThat(Address.parse(text)).hasToString(printed);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "localhost:65432|write tcp://localhost:65432",
                "65432|write tcp://localhost:65432",
                "/tmp/x.sock|write unix:/tmp/x.sock",
                "http://x:1|'http' is not a known scheme",
                "tls:x:1|write tls://x:1",
                "tls://x|such as tls://localhost:65432",
                "tls://[::1:80|both of them: tls://[::1]:65432",
                "TLS://x:1|write tls://x:1",
                "tcp:x:1|two slashes",
                "tcp://x|no port",
                "tcp://x:|no port",
                "tcp://:1|no host",
                "tcp://x:65536|outside 0 to 65535",
                "tcp://x:99999999999|outside 0 to 65535",
                "tcp://x:-1|not a port; a port is a number",
                "tcp://x:1a|not a port; a port is a number",
                "tcp://::1:80|needs brackets",
                "tcp://[::1:80|needs brackets",
                "tcp://[zz]:80|not an IPv6 address",
                "tcp://256.1.1.1:80|not an IPv4 address",
                "tcp://1.2.3:80|not an IPv4 address",
                "tcp://a/b:80|not a host name",
                "unix:|no path",
                "mem:a/b|not a name"
            })
    void anInvalidAddressSaysWhatIsWrong(String text, String hint) {
        assertThatThrownBy(() -> Address.parse(text))
                .isInstanceOf(AddressException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining(hint);
    }

    @Test
    void anEmptyTextAndControlCharactersAreRefusedInOneLine() {
        assertThatThrownBy(() -> Address.parse(" ")).hasMessageContaining("it is empty");
        assertThatThrownBy(() -> Address.parse("tcp://a\n\u001b[31m:1"))
                .hasMessageContaining("\\u000a\\u001b")
                .hasMessageNotContaining("\n");
    }

    /** A suggestion repeats the text, which may come from another party. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\n\u001b[31m:1",
                "/a\n\u001b[31m",
                "tcp:a\n\u001b[31m:1",
                "http://a\n\u001b[31m:1",
                "TCP:\n\u001b[31m",
                "unix:\n\u001b[31m/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
                        + "1234567890123456789"
            })
    void noRefusalWritesToATerminalWhatItWasGiven(String text) {
        assertThat(refusalOf(text)).contains("\\u000a\\u001b[31m");
        assertThat(refusalOf(text).chars()).noneMatch(Character::isISOControl);
    }

    @Test
    void aRefusalIsBoundedHoweverLongTheTextIs() {
        for (String start : new String[] {"", "/", "tcp:", "unix:", "mem:", "x:", "tcp://", "x://"}) {
            assertThat(refusalOf(start + "x".repeat(100_000) + ":1")).hasSizeLessThan(1_000);
        }
        assertThat(refusalOf("x".repeat(100_000) + ":/y")).hasSizeLessThan(1_000);
    }

    private static String refusalOf(String text) {
        try {
            return "no refusal, but " + Address.parse(text);
        } catch (AddressException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Test
    void aPathTooLongSaysHowLongItMayBe() {
        assertThat(Address.parse("unix:/" + "x".repeat(105))).isNotNull();
        assertThatThrownBy(() -> Address.parse("unix:/" + "x".repeat(106)))
                .hasMessageContaining("107 bytes long")
                .hasMessageContaining("at most 106");
    }

    @ParameterizedTest
    @CsvSource({
        "1:2:3:4:5:6:7:8,1:2:3:4:5:6:7:8",
        "0001:0:0:2:0:0:0:3,1:0:0:2::3",
        "1:0:2:3:4:5:6:7,1:0:2:3:4:5:6:7",
        "0:0:0:0:0:0:0:0,::",
        "1:0:0:0:0:0:0:0,1::",
        "2001:DB8::A,2001:db8::a"
    })
    void anIpv6AddressIsPrintedInItsShortestForm(String text, String printed) {
        assertThat(Address.parse("tcp://[" + text + "]:1")).hasToString("tcp://[" + printed + "]:1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp://[1:2]:80|not an IPv6 address",
                "tcp://[::1]|no port",
                "tcp://[::1]80|no port",
                "tcp://[::1]x80|no port",
                "tcp://x:٣|not a port; a port is a number",
                "TCP://x:1|write tcp://x:1",
                "http://x:1/|write tcp://x:1",
                "http://x:1/y|write tcp://host:port",
                ":80|write tcp://localhost:80",
                "x|write tcp://host:port"
            })
    void nearMissesAreToldApart(String text, String hint) {
        assertThat(refusalOf(text)).contains("'" + text + "' is not an address").contains(hint);
    }

    @Test
    void aPathWithAZeroIsRefused() {
        assertThat(refusalOf("unix:/a\0b")).contains("the path holds a zero character");
        assertThatThrownBy(() -> Address.Unix.of("/a\0b"))
                .isInstanceOf(AddressException.class)
                .hasMessageContaining("'unix:/a\\u0000b'")
                .hasMessageContaining("the path is not valid");
    }

    @Test
    void aPortOutsideItsRangeIsRefusedHoweverItIsMade() {
        for (int port : new int[] {-1, 65_536}) {
            assertThatThrownBy(() -> new Address.Tcp("a\nb", port))
                    .isInstanceOf(AddressException.class)
                    .hasMessage("'tcp://a\\u000ab:" + port + "' is not an address: port " + port
                            + " is outside 0 to 65535");
        }
    }

    @Test
    void endpointsOfEveryKindHaveAnAddress() throws Exception {
        assertThat(Address.of(new InetSocketAddress(InetAddress.ofLiteral("::1"), 80)))
                .hasToString("tcp://[::1]:80");
        assertThat(Address.of(InetSocketAddress.createUnresolved("host.example", 80)))
                .hasToString("tcp://host.example:80");
        assertThat(Address.of(UnixDomainSocketAddress.of("/run/x"))).hasToString("unix:/run/x");
        assertThat(Address.of(new MemAddress("x"))).hasToString("mem:x");
        assertThatThrownBy(() -> Address.of(new SocketAddress() {
                    private static final long serialVersionUID = 1L;
                }))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** A peer may bind its end to a path that is longer than any of ours may be. */
    @Test
    void aPeersPathThatIsTooLongCountsAsUnnamed() {
        assertThat(Address.of(UnixDomainSocketAddress.of("/" + "x".repeat(106))))
                .hasToString("unix:");
    }

    @Test
    void loopbackIsKnown() {
        assertThat(((Address.Tcp) Address.parse("tcp://127.9.9.9:1")).isLoopback())
                .isTrue();
        assertThat(((Address.Tcp) Address.parse("tcp://[::1]:1")).isLoopback()).isTrue();
        assertThat(((Address.Tcp) Address.parse("tcp://0.0.0.0:1")).isLoopback())
                .isFalse();
        assertThat(((Address.Tcp) Address.parse("tcp://example.org:1")).isLoopback())
                .isFalse();
    }

    /** The record's own constructor takes any path, parsed or not. */
    @ParameterizedTest
    @ValueSource(strings = {"/", "a/..", "..", ".", "a/."})
    void aPathOfADirectoryIsNotThatOfASocket(String path) {
        assertThatThrownBy(() -> new Address.Unix(Path.of(path)))
                .isInstanceOf(AddressException.class)
                .hasMessageContaining("directory");
    }

    @Test
    void aSocketsPathIsRefusedInEachFormThatIsNone() {
        assertThatThrownBy(() -> Address.Unix.of("dir/")).hasMessageContaining("directory");
        assertThatThrownBy(() -> Address.Unix.of("\0name")).hasMessageContaining("write unix:./@name");
        assertThatThrownBy(() -> new Address.Unix(Path.of("@name"))).hasMessageContaining("write unix:./@name");
        assertThatThrownBy(() -> Address.Unix.of("a\0b")).hasMessageContaining("not valid");
        assertThat(new Address.Unix(Path.of("./@name"))).hasToString("unix:./@name");
    }
}
