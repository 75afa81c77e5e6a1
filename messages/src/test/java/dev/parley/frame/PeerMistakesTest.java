package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.Header.Direction;
import dev.parley.link.ForeignProtocol;
import dev.parley.names.CharacterSets;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that both sides report the usual mistakes of hand-written peers by name. */
class PeerMistakesTest {
    private static final String HEADER =
            "{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-8\","
                    + " \"content-length\": 0}";

    private static String said(Direction direction, byte[] bytes) {
        var reader = new FrameReader(FrameLimits.DEFAULT, direction);
        return switch (reader.read(ByteBuffer.wrap(bytes))) {
            case FrameReader.Broken broken -> String.valueOf(broken.error().getMessage());
            case FrameReader.Refused refused -> String.valueOf(refused.error().getMessage());
            case FrameReader.Foreign foreign ->
                direction == Direction.REQUEST
                        ? ForeignProtocol.guess(foreign).seenByServer()
                        : ForeignProtocol.guess(foreign).seenByClient();
            case FrameReader.Whole _ -> "whole";
            case FrameReader.NotYet _ -> "not yet";
        };
    }

    private static byte[] framed(String header, int... length) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        var bytes = new byte[length.length + text.length];
        for (int i = 0; i < length.length; i++) {
            bytes[i] = (byte) length[i];
        }
        System.arraycopy(text, 0, bytes, length.length, text.length);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void aLengthOfAnotherFormIsNamed(Direction direction) {
        int length = HEADER.length();
        assertThat(said(direction, framed(HEADER, 0, length))).isEqualTo("whole");
        assertThat(said(direction, framed(HEADER, length, 0))).contains("is the length little-endian?");
        assertThat(said(direction, framed(HEADER, 0, 0, 0, length))).contains("is the length of 4 bytes");
        assertThat(said(direction, framed(HEADER, length, 0, 0, 0))).contains("4 bytes, little-endian");
        assertThat(said(direction, framed(HEADER, length))).contains("a header length of 1 byte");
    }

    @ParameterizedTest
    @CsvSource({
        "content-length, content_length",
        "content-length, content-lenght",
        "content-length, contentLength",
        "content-length, Content-Length",
        "content-length, CONTENT_LENGTH",
        "content-length, content-lengths",
        "byteorder, byte-order",
        "byteorder, byteOrder",
        "byteorder, byteoder",
        "content-type, contenttype",
        "content-encoding, content_encoding"
    })
    void aKeyThatIsNearlyRightIsNamed(String key, String written) {
        String header = HEADER.replace('"' + key + '"', '"' + written + '"');
        for (Direction direction : Direction.values()) {
            assertThat(said(direction, framed(header, 0, header.length())))
                    .isEqualTo(key + " is missing; there is a key with nearly this name: did you mean " + key + "?");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"content", "length", "x-length", "content-type"})
    void anotherKeyIsNotTakenForIt(String other) {
        String header =
                HEADER.replace("\"content-length\"", "\"" + (other.equals("content-type") ? "x" : other) + "\"");
        assertThat(said(Direction.REQUEST, framed(header, 0, header.length()))).isEqualTo("content-length is missing");
    }

    /** The names are those of Python's codecs, in any case. */
    @ParameterizedTest
    @CsvSource({
        "utf-8, UTF8 utf8 utf_8 u8 U8",
        "us-ascii, ascii US_ASCII us-ascii",
        "iso-8859-1, latin1 latin_1 latin-1 L1 latin iso8859-1 iso8859_1 iso_8859_1 cp819 ISO-8859-1 iso_8859-1 ISO-8859_1",
        "utf-16, utf16 utf_16 u16 UTF-16",
        "utf-16le, utf-16-le utf_16_le UTF-16LE utf_16le utf_16-le utf-16_le",
        "utf-16be, utf-16-be utf_16_be UTF-16BE utf_16be"
    })
    void thePythonNamesOfACharacterSetAreTaken(String set, String names) {
        for (String name : List.of(names.split(" ", -1))) {
            String header = HEADER.replace("utf-8", name);
            assertThat(said(Direction.REQUEST, framed(header, 0, header.length())))
                    .as(name)
                    .isEqualTo("whole");
            assertThat(CharacterSets.named(name.toLowerCase(Locale.ROOT))).isEqualTo(Charset.forName(set));
        }
        String header = HEADER.replace("utf-8", "utf-7");
        assertThat(said(Direction.REQUEST, framed(header, 0, header.length()))).contains(set);
    }

    @Test
    void aKeyIsNotAMisspellingOfItselfOrOfAQuiteOtherOne() {
        for (List<String> others :
                List.of(List.<String>of(), List.of("byteorder"), List.of("id", "x", "bytes-of-any-order"))) {
            assertThat(MisspelledKey.isAmong(others, "byteorder")).isFalse();
        }
        assertThat(MisspelledKey.isAmong(List.of("byteorder", "Byte_Order"), "byteorder"))
                .isTrue();
    }
}
