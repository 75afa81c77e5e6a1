package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressOrderTest {
    /** Returns addresses: an IPv4 address for each digit, and an IPv6 address for each letter. */
    private static List<InetAddress> addresses(String letters) {
        return letters.chars()
                .mapToObj(each -> Character.isDigit(each) ? "192.0.2." + (char) each : "2001:db8::" + (char) each)
                .map(InetAddress::ofLiteral)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "a, a",
        "12, 12",
        "ab, ab",
        "1a, 1a",
        "a1, a1",
        "abc12, a1b2c",
        "12abc, 1a2bc",
        "ab1, a1b",
        "123a, 1a23",
        "a1b2, a1b2",
        "a11b, a1b",
        "aab1, a1b"
    })
    void oneOfEachFamilyInTurn(String found, String tried) {
        assertThat(AddressOrder.interleaved(addresses(found))).isEqualTo(addresses(tried));
    }

    @Test
    void theSystemsComeIpv6FirstUnlessTheUserSaysOtherwise() {
        assertThat(AddressOrder.preferred(addresses("12ab"), null)).isEqualTo(addresses("ab12"));
        for (String set : List.of("false", "true", "system")) {
            assertThat(AddressOrder.preferred(addresses("12ab"), set)).isEqualTo(addresses("12ab"));
        }
    }
}
