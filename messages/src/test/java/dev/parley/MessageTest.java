package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.Frame;
import dev.parley.frame.Header;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests content as text, JSON, records and numbers. */
class MessageTest {
    record Point(int x, List<String> names) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "utf-8",
                "UTF-8",
                "utf-16",
                "UTF-16",
                "utf-16le",
                "utf_16-BE",
                "ISO-8859-1",
                "iso_8859-1",
                "latin-1"
            })
    void textIsReadAsItWasWritten(String encoding) {
        Message message = Message.text("grüße", encoding);
        assertThat(message.text()).isEqualTo("grüße");
        assertThat(message.header().contentEncoding()).isEqualTo(encoding.toLowerCase(Locale.ROOT));
    }

    /** A program may make a header itself, and then the name of the character set is as it likes. */
    @Test
    void theNameOfACharacterSetIsReadInAnyCase() {
        byte[] content = "grüße".getBytes(StandardCharsets.ISO_8859_1);
        var header = new Header("big", "text/plain", "ISO-8859-1", content.length, Header.NO_ID, Map.of());
        assertThat(Message.of(new Frame(header, content)).text()).isEqualTo("grüße");
    }

    @Test
    void utf16IsWrittenWithAByteOrderMark() {
        assertThat(HexFormat.of().formatHex(Message.text("a", "utf-16").content()))
                .isEqualTo("feff0061");
        assertThat(HexFormat.of().formatHex(Message.text("a", "utf-16le").content()))
                .isEqualTo("6100");
    }

    /** Without a byte order mark, the text is in the sender's order; with a mark, the mark decides. */
    @ParameterizedTest
    @CsvSource({"big, 0061, a", "little, 6100, a", "big, fffe6100, a", "little, feff0061, a"})
    void utf16IsReadInTheSendersOrderWhereItHasNoMark(String order, String hex, String expected) {
        byte[] content = HexFormat.of().parseHex(hex);
        var header = new Header(order, "text/plain", "utf-16", content.length, Header.NO_ID, Map.of());
        assertThat(Message.of(new Frame(header, content)).text()).isEqualTo(expected);
    }

    @Test
    void whatACharacterSetHasNotIsRefused() {
        assertThatThrownBy(() -> Message.text("🐶", "latin-1"))
                .hasMessageContaining("has characters that latin-1 does not have");
        assertThatThrownBy(() -> Message.text("x", "utf-7")).hasMessageContaining("is not one of utf-8");
        var header = new Header("big", "text/plain", "us-ascii", 1, Header.NO_ID, Map.of());
        assertThatThrownBy(() -> Message.of(new Frame(header, new byte[] {-1})).text())
                .isInstanceOf(ContentException.class)
                .hasMessage("the content is not in its character set, us-ascii");
    }

    /** In another character set, the bytes that were scanned are not those of the peer. */
    @ParameterizedTest
    @CsvSource({"utf-16, false", "utf-16le, false", "latin-1, false", "utf-8, true"})
    void thePlaceOfAFaultIsLeftOutIfItIsNotThatInTheContent(String encoding, boolean hasPlace) throws Exception {
        byte[] content = Message.text("{\"ü\": 1,}", encoding).content();
        var header = new Header("big", Message.TEXT_JSON, encoding, content.length, Header.NO_ID, Map.of());
        Message message = Message.of(new Frame(header, content));
        assertThatThrownBy(message::json)
                .hasMessage("the content is not one JSON value: there is a comma before the end of an object"
                        + (hasPlace ? ", at byte 10" : ""));
        Message deep = Message.of(message.frame(), JsonLimits.DEFAULT.withValuesMax(1));
        assertThatThrownBy(deep::json)
                .hasMessage("the content has more than 1 values" + (hasPlace ? ", at byte 8" : ""));
    }

    @Test
    void numbersAreInTheOrderThatTheHeaderSays() {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            ByteBuffer written = ByteBuffer.allocate(12)
                    .order(order)
                    .putInt(7)
                    .putDouble(1.5)
                    .flip();
            Message message = Message.binary("x/numbers", written);
            assertThat(message.header().byteOrder()).isEqualTo(order == ByteOrder.BIG_ENDIAN ? "big" : "little");
            ByteBuffer read = message.numbers();
            assertThat(read.getInt()).isEqualTo(7);
            assertThat(read.getDouble()).isEqualTo(1.5);
        }
    }

    @Test
    void valuesAreJson() {
        Message message = Message.ofValue(new Point(1, List.of("ä")));
        assertThat(message.text()).isEqualTo("{\"x\":1,\"names\":[\"ä\"]}");
        assertThat(message.as(Point.class)).isEqualTo(new Point(1, List.of("ä")));
        assertThat(message.json().get("x").intValue()).isEqualTo(1);
        assertThat(Message.json("{\"x\": 2, \"names\": [], \"further\": 3}")
                        .as(Point.class)
                        .x())
                .isEqualTo(2);
        assertThatThrownBy(() -> Message.json("{\"x\": 1, \"x\": 2}").json()).isInstanceOf(ContentException.class);
        assertThatThrownBy(() -> Message.json("{\"x\": \"secret\"}").as(Point.class))
                .hasMessage("the content does not fit: x: expected a whole number, found text");
        assertThatThrownBy(() -> Message.text("{}").as(Point.class))
                .hasMessageContaining("must be JSON here: content-type");
    }

    @Test
    void aSmallFlatObjectIsReadByHandOrNotAtAll() {
        assertThat(Message.json("{\"a\": \"b\", \"c\": 7}").flatOrNull())
                .isNotNull()
                .satisfies(flat -> {
                    assertThat(flat.text("a")).isEqualTo("b");
                    assertThat(flat.text("c")).isNull();
                    assertThat(flat.has("c")).isTrue();
                    assertThat(flat.isText("a", "b")).isTrue();
                    assertThat(flat.isText("a", "bb")).isFalse();
                });
        for (String other : List.of(
                "",
                "{",
                "{}x",
                "[1]",
                "{\"a\":\"\\n\"}",
                "{\"a\":\"ä\"}",
                "{\"a\":{}}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":01}",
                "{\"a\":-1}",
                "{\"a\":1.5}",
                "{\"a\" 1}",
                "{\"a\":tru}",
                "{a:1}",
                "{\"a\":1,}")) {
            assertThat(Message.json(other).flatOrNull()).as(other).isNull();
        }
        assertThat(Message.json("{ }").flatOrNull()).isNotNull();
    }

    @Test
    void aHeaderHoldsWhatItCan() {
        Message message =
                Message.text("x").with("colour", "blue").with("count", 7).with("on", true);
        assertThat(message.header().others()).containsOnlyKeys("colour", "count", "on");
        assertThatThrownBy(() -> message.with("id", 7)).hasMessageContaining("not for with()");
        assertThatThrownBy(() -> message.with("x", 1.5)).hasMessageContaining("a header holds");
        assertThatThrownBy(() -> Message.binary("", new byte[0])).hasMessageContaining("content type");
    }
}
