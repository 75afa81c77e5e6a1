package dev.parley.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.transport.RefusedPeerException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final String BEGIN_2 = "0d0a0d0a000d0a515549540a";
    private static final String TCP_4 = BEGIN_2 + "2111000c" + "cb007107" + "c0000201" + "dc04" + "01bb";

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** Parses the header, which needs all its bytes, and not one behind them. */
    private static ProxyHeader parse(byte[] bytes) throws RefusedPeerException {
        for (int count = 0; count < bytes.length; count++) {
            assertThat(ProxyHeader.parse(ByteBuffer.wrap(bytes, 0, count)))
                    .as("the first %d bytes", count)
                    .isNull();
        }
        ProxyHeader whole = Objects.requireNonNull(ProxyHeader.parse(ByteBuffer.wrap(bytes)));
        ByteBuffer more = ByteBuffer.allocate(bytes.length + 5).put(2, bytes).position(2);
        assertThat(ProxyHeader.parse(more)).isEqualTo(whole);
        assertThat(whole.lengthBytes()).isEqualTo(bytes.length);
        return whole;
    }

    private static void assertClaims(byte[] bytes, String ip, int port) throws RefusedPeerException {
        assertThat(parse(bytes).source()).contains(new InetSocketAddress(ip, port));
    }

    @Test
    void readsLines() throws Exception {
        assertClaims(text("PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"), "203.0.113.7", 56324);
        assertClaims(text("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n"), "0.0.0.0", 0);
        assertClaims(text("PROXY TCP6 2001:db8::7 ::1 1 2\r\n"), "2001:db8::7", 1);
        String long6 = "ffff:f:ffff:ffff:ffff:ffff:ffff:ffff";
        assertClaims(text("PROXY TCP6 " + long6 + " " + long6 + " 65535 65535\r\n"), long6, 65535);
        assertThat(parse(text("PROXY UNKNOWN\r\n")).source()).isEmpty();
        assertThat(parse(text("PROXY UNKNOWN\r\n")).isProxysOwn()).isFalse();
        assertThat(parse(text("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")).source())
                .isEmpty();
    }

    @Test
    void readsBinaryHeaders() throws Exception {
        assertClaims(hex(TCP_4), "203.0.113.7", 56324);
        String six = "20010db8000000000000000000000007" + "00000000000000000000000000000001" + "000a" + "000b";
        assertClaims(hex(BEGIN_2 + "21210024" + six), "2001:db8::7", 10);
        assertThat(parse(hex(BEGIN_2 + "20000000")).source())
                .as("the proxy's own")
                .isEmpty();
        assertThat(parse(hex(BEGIN_2 + "20000000")).isProxysOwn()).isTrue();
        assertThat(parse(hex(BEGIN_2 + "20f00000")).isProxysOwn())
                .as("of any family")
                .isTrue();
        assertThat(parse(hex(BEGIN_2 + "21000000")).isProxysOwn()).isFalse();
        assertThat(parse(hex(BEGIN_2 + "2011000c" + "cb007107c0000201dc0401bb")).source())
                .as("the proxy's own, with addresses")
                .isEmpty();
        assertThat(parse(hex(BEGIN_2 + "21000003aabbcc")).source())
                .as("unspecified")
                .isEmpty();
        assertThat(parse(hex(BEGIN_2 + "213100d8" + "00".repeat(216))).source())
                .as("Unix")
                .isEmpty();
    }

    @Test
    void skipsExtensionsAndChecksTheSum() throws Exception {
        assertClaims(hex(TCP_4.replace("2111000c", "21110014") + "0400020000" + "ee0000"), "203.0.113.7", 56324);
        byte[] summed = hex(TCP_4.replace("2111000c", "21110013") + "030004" + "00000000");
        var sum = new CRC32C();
        sum.update(summed);
        ByteBuffer.wrap(summed).putInt(summed.length - 4, (int) sum.getValue());
        assertClaims(summed, "203.0.113.7", 56324);
        summed[20]++;
        assertThatThrownBy(() -> ProxyHeader.parse(ByteBuffer.wrap(summed))).hasMessageContaining("CRC-32C");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "\026\003\001\002",
                "PROXX",
                "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
                "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
                "PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
                "PROXY TCP4 ::1 1.2.3.4 1 2\r\n",
                "PROXY TCP6 1.2.3.4 ::1 1 2\r\n",
                "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
                "PROXY TCP6 :::1 ::1 1 2\r\n",
                "PROXY TCP4 localhost 1.2.3.4 1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 999999999999\r\n",
                "PROXY \r\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
                "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r",
                "PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            })
    void refusesBadLines(String line) {
        assertThatThrownBy(() -> ProxyHeader.parse(ByteBuffer.wrap(text(line))))
                .isInstanceOf(RefusedPeerException.class)
                .hasMessageContaining("PROXY")
                .message()
                .doesNotContain("\r", "\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0d0a0d0a000d0a515549540b, does not begin",
        BEGIN_2 + "11110000, version 1",
        BEGIN_2 + "22110000, command 2",
        BEGIN_2 + "21410000, address family 4",
        BEGIN_2 + "21130000, protocol 3",
        BEGIN_2 + "2111000b, its addresses need 28",
        BEGIN_2 + "21210023, its addresses need 52",
        BEGIN_2 + "21110209, has 537 bytes",
        BEGIN_2 + "2011ffff, has 65551 bytes",
        TCP_4 + ", ''"
    })
    void refusesBadBinaryHeaders(String hex, String why) throws Exception {
        byte[] padded = hex(hex + "00".repeat(48));
        if (why.isEmpty()) {
            assertThat(ProxyHeader.parse(ByteBuffer.wrap(padded)))
                    .as("the good one")
                    .isNotNull();
        } else {
            assertThatThrownBy(() -> ProxyHeader.parse(ByteBuffer.wrap(padded)))
                    .isInstanceOf(RefusedPeerException.class)
                    .hasMessageContaining(why);
        }
    }

    @Test
    void refusesAnExtensionThatIsTooLong() {
        byte[] header = hex(TCP_4.replace("2111000c", "21110010") + "04000200");
        assertThatThrownBy(() -> ProxyHeader.parse(ByteBuffer.wrap(header))).hasMessageContaining("extension");
    }

    /**
     * Whatever arrives, the header is complete, needs more bytes, or is refused; it never needs more than 536 bytes.
     */
    @Test
    void isTotal() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[][] seeds = {
            hex(TCP_4), text("PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"), text("PROXY TCP6 ::1 ::2 1 2\r\n")
        };
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[ProxyHeader.BYTES_MAX];
            byte[] from = seeds[random.nextInt(seeds.length)];
            System.arraycopy(from, 0, bytes, 0, from.length);
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(from.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(ProxyHeader.parse(ByteBuffer.wrap(bytes)))
                        .as("seed %d", seed)
                        .isNotNull();
            } catch (RefusedPeerException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
            }
        }
    }

    @Test
    void blocksContainTheirAddresses() {
        assertThat(AddressBlock.parse("10.0.0.0/8").contains(ip("10.255.1.2"))).isTrue();
        assertThat(AddressBlock.parse("10.0.0.0/8").contains(ip("11.0.0.0"))).isFalse();
        assertThat(AddressBlock.parse("::ffff:10.0.0.0/104").contains(ip("10.255.1.2")))
                .isTrue();
        assertThat(AddressBlock.parse("::ffff:10.0.0.0/104").contains(ip("11.0.0.0")))
                .isFalse();
        assertThat(AddressBlock.parse("::ffff:10.0.0.1")).hasToString("10.0.0.1/32");
        assertThatThrownBy(() -> AddressBlock.parse("::ffff:10.0.0.0/8"))
                .hasMessageContaining("the prefix must be from 96 to 128");
        assertThat(AddressBlock.parse("0.0.0.0/0").contains(ip("1.2.3.4"))).isTrue();
        assertThat(AddressBlock.parse("0.0.0.0/0").contains(ip("::1"))).isFalse();
        assertThat(AddressBlock.parse("192.0.2.1").contains(ip("192.0.2.1"))).isTrue();
        assertThat(AddressBlock.parse("192.0.2.1").contains(ip("192.0.2.0"))).isFalse();
        assertThat(AddressBlock.parse("2001:db8::/33").contains(ip("2001:db8:7fff::1")))
                .isTrue();
        assertThat(AddressBlock.parse("2001:db8::/33").contains(ip("2001:db8:8000::1")))
                .isFalse();
        assertThat(AddressBlock.parse("::ffff:10.0.0.1").contains(ip("10.0.0.1")))
                .as("mapped")
                .isTrue();
    }

    private static java.net.InetAddress ip(String text) {
        return AddressBlock.ip(text).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.1/8",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10/8",
                "::/129",
                "fe80::1%lo",
                "*",
                "10.0.0.0/8/8",
                "1.2.3.4:80"
            })
    void refusesWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> ProxyProtocol.from(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a block of addresses");
    }
}
