package dev.parley.cli.cert;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class NameConstraintsTest {
    /** Some readers refuse a length that is longer than it must be (X.690, section 10.1). */
    @Test
    void lengthsHaveTheirShortestForm() {
        for (int length = 1; length <= 253; length++) {
            String host = "h".repeat(length);
            byte[] der = HexFormat.of().parseHex(NameConstraints.hex(List.of(host, "localhost")));
            ByteBuffer trees = content(content(ByteBuffer.wrap(der)));
            byte[] name = new byte[length];
            content(content(trees)).get(name);
            assertThat(name).asString().isEqualTo(host);
        }
    }

    /** Returns the content of the next value, and moves behind it. */
    private static ByteBuffer content(ByteBuffer der) {
        der.get();
        int first = der.get() & 0xff;
        int length = first;
        if (first == 0x81) {
            length = der.get() & 0xff;
            assertThat(length).isGreaterThan(0x7f);
        } else if (first > 0x7f) {
            assertThat(first).isEqualTo(0x82);
            length = der.getShort() & 0xffff;
            assertThat(length).isGreaterThan(0xff);
        }
        ByteBuffer content = der.slice(der.position(), length);
        der.position(der.position() + length);
        return content;
    }
}
