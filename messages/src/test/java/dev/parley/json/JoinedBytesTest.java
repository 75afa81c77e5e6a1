package dev.parley.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests contents in several arrays: which arrays are kept, and the bytes that they have together. */
class JoinedBytesTest {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] filled(int length, char with) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    @Test
    void shortPiecesAreCopiedIntoOneArray() {
        byte[] first = bytes("ab");
        JoinedBytes joined = JoinedBytes.of(first, new byte[0], bytes("c"));
        assertThat(joined.length()).isEqualTo(3);
        assertThat(joined.parts()).hasSize(1);
        first[0] = 'x';
        assertThat(joined.together()).isEqualTo(bytes("abc"));
        assertThat(joined.together()).isSameAs(joined.together());
    }

    /** The lengths are around the length from which pieces are kept. */
    @ParameterizedTest
    @ValueSource(ints = {1_020, 1_021, 1_022, 1_023, 5_000})
    void piecesOfAnyLengthAreThereInTheirOrder(int length) {
        byte[] middle = filled(length, 'm');
        JoinedBytes joined = JoinedBytes.of(bytes("["), middle, new byte[0], bytes("]"));
        byte[] expected = bytes("[" + new String(middle, StandardCharsets.US_ASCII) + "]");
        assertThat(joined.length()).isEqualTo(length + 2);
        assertThat(joined.together()).isEqualTo(expected);
        var into = new byte[length + 4];
        joined.copy(into, 2);
        assertThat(Arrays.copyOfRange(into, 2, into.length)).isEqualTo(expected);
        assertThat(into[0] + into[1]).isZero();
    }

    @Test
    void longPiecesAreKeptAndEmptyOnesAreLeftOut() {
        byte[] long1 = filled(1_024, 'x');
        JoinedBytes joined = JoinedBytes.of(new byte[0], long1, bytes("y"));
        assertThat(joined.parts()).hasSize(2);
        assertThat(joined.parts()[0].array()).isSameAs(long1);
        JoinedBytes alone = JoinedBytes.of(long1);
        assertThat(alone.together()).isSameAs(long1);
    }

    @Test
    void aPartOfAnArrayIsNotTakenForTheWholeArray() {
        JoinedBytes part = new JoinedBytes(ByteBuffer.wrap(bytes("abcd"), 1, 2));
        assertThat(part.together()).isEqualTo(bytes("bc"));
        ByteBuffer first = part.parts()[0];
        first.get();
        assertThat(part.parts()[0].remaining()).isEqualTo(2); // each caller gets positions of its own
    }

    @Test
    void moreBytesThanAnArrayCanHaveAreRefused() {
        ByteBuffer large = ByteBuffer.wrap(new byte[1 << 20]);
        var parts = new ByteBuffer[2_048];
        Arrays.fill(parts, large);
        assertThatThrownBy(() -> new JoinedBytes(parts)).isInstanceOf(ArithmeticException.class);
    }
}
