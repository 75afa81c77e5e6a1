package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Message;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.names.ContentTypes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeaderTest {
    private static Header header(Map<String, Object> others) {
        return new Header("little", "text/json", "utf-8", 0, 7, others);
    }

    @Test
    void aKeyOfAnotherTypeCountsAsAbsent() {
        Header header = header(Map.of("text", "x", "yes", true, "no", false, "number", new JsonNumber("1")));
        assertThat(header.text("text")).isEqualTo("x");
        assertThat(header.text("number")).isNull();
        assertThat(header.text("nobody")).isNull();
        assertThat(header.isTrue("yes")).isTrue();
        assertThat(header.isTrue("no")).isFalse();
        assertThat(header.isTrue("text")).isFalse();
        assertThat(header.isTrue("nobody")).isFalse();
    }

    @Test
    void aTimeoutIsInMilliseconds() {
        assertThat(header(Map.of("timeout-ms", new JsonNumber("5000"))).timeoutMillis())
                .isEqualTo(5_000);
        assertThat(header(Map.of()).timeoutMillis()).isEqualTo(-1);
        assertThat(header(Map.of("timeout-ms", "5000")).timeoutMillis()).isEqualTo(-1);
    }

    @Test
    void whatAMessageIsForItsKeysSay() {
        for (Header plain : List.of(header(Map.of()), header(Map.of("x", "y")))) {
            assertThat(plain.hasMore() || plain.isOneWay() || plain.isControl()).isFalse();
        }
        assertThat(header(Map.of("more", true)).hasMore()).isTrue();
        assertThat(header(Map.of("more", false)).hasMore()).isFalse();
        assertThat(header(Map.of("reply", false)).isOneWay()).isTrue();
        assertThat(header(Map.of("reply", true)).isOneWay()).isFalse();
        assertThat(header(Map.of("control", "ping")).isControl()).isTrue();
        assertThat(header(Map.of("credit", new JsonNumber("70000"))).credit()).isEqualTo(70_000);
        assertThat(header(Map.of("credit", "70000")).credit()).isZero();
    }

    @Test
    void whoKnowsMoreThanTheTutorialSaysSoByAKeyOrAnId() {
        assertThat(header(Map.of()).isOfFullPeer()).isTrue();
        Header plain = header(Map.of()).going(Direction.REQUEST, Header.NO_ID);
        assertThat(plain.isOfFullPeer()).isFalse();
        assertThat(plain.with("x", "y").isOfFullPeer()).isFalse();
        assertThat(plain.with("timeout-ms", new JsonNumber("1")).isOfFullPeer()).isTrue();
    }

    @Test
    void unpackedItHasTheOtherLengthAndNoCodingAnyMore() {
        Header packed = header(Map.of("content-coding", "gzip", "x", "y"));
        assertThat(packed.unpacked(70)).isEqualTo(new Header("little", "text/json", "utf-8", 70, 7, Map.of("x", "y")));
    }

    @Test
    void goingTheOtherWayItLosesTheKeysOfThisOne() {
        Header asked = header(Map.of("action", "a", "x", "y"));
        assertThat(asked.going(Direction.RESPONSE, 9))
                .isEqualTo(new Header("little", "text/json", "utf-8", 0, 9, Map.of("x", "y")));
        assertThat(asked.going(Direction.REQUEST, 9).others()).isEqualTo(asked.others());
        assertThat(header(Map.of()).going(Direction.RESPONSE, 0).id()).isEqualTo(Header.NO_ID);
        assertThat(header(Map.of("status", "failed"))
                        .going(Direction.REQUEST, 1)
                        .others())
                .isEmpty();
    }

    /** The sending layers decide which of their messages are controls, and which have more behind them. */
    @Test
    void goingAnyWayItLosesWhatTheSendingLayersAdd() {
        for (Direction direction : Direction.values()) {
            assertThat(header(Map.of("x", "y", "control", "ping"))
                            .going(direction, 9)
                            .others())
                    .isEqualTo(Map.of("x", "y"));
            assertThat(header(Map.of("x", "y", "more", true))
                            .going(direction, 9)
                            .others())
                    .isEqualTo(Map.of("x", "y"));
            assertThat(header(Map.of("x", "y")).going(direction, 9).others()).isEqualTo(Map.of("x", "y"));
        }
    }

    @Test
    void aKeyMoreIsBehindTheOthers() {
        Header more = header(Map.of("a", "b")).with("c", "d").with("a", "e");
        assertThat(more.others().keySet()).containsExactly("a", "c");
        assertThat(more.text("a")).isEqualTo("e");
    }

    @Test
    void typesSayWhatTheContentIs() {
        assertThat(ContentTypes.isText("text/x")).isTrue();
        assertThat(ContentTypes.isText("application/json")).isTrue();
        assertThat(ContentTypes.isText("binary/x")).isFalse();
        assertThat(ContentTypes.isJson("text/json")).isTrue();
        assertThat(ContentTypes.isJson("text/json; charset=utf-8")).isFalse();
        assertThat(ContentTypes.isJson("Text/Json")).isFalse();
    }

    @Test
    void limitsAreWhatAFrameCanSay() {
        assertThat(FrameLimits.DEFAULT
                        .withHeaderBytesMax(2)
                        .withContentBytesMax(0)
                        .headerBytesMax())
                .isEqualTo(2);
        assertThat(FrameLimits.DEFAULT
                        .withHeaderBytesMax(65_535)
                        .withContentBytesMax(FrameLimits.CONTENT_BYTES_MAX)
                        .contentBytesMax())
                .isEqualTo(FrameLimits.CONTENT_BYTES_MAX);
        assertThatThrownBy(() -> FrameLimits.DEFAULT.withHeaderBytesMax(1).withContentBytesMax(0))
                .hasMessage("headerBytesMax is 1; it must be from 2 to 65535");
        assertThatThrownBy(() -> FrameLimits.DEFAULT.withHeaderBytesMax(65_536).withContentBytesMax(0))
                .hasMessage("headerBytesMax is 65536; it must be from 2 to 65535");
        assertThatThrownBy(() -> FrameLimits.DEFAULT.withHeaderBytesMax(2).withContentBytesMax(-1))
                .hasMessage("contentBytesMax is -1; it must be from 0 to 2147352575");
        assertThatThrownBy(() -> FrameLimits.DEFAULT.withContentBytesMax(FrameLimits.CONTENT_BYTES_MAX + 1))
                .hasMessageEndingWith("it must be from 0 to 2147352575");
    }

    /** Another message than a control may use the key for something of its own. */
    @Test
    void onlyANumberOfBytesIsACredit() {
        Header header = Message.text("").header();
        assertThat(header.credit()).isZero();
        for (Object own : List.of(
                "platinum",
                true,
                new JsonNumber("1.5"),
                new JsonNumber("-1"),
                new JsonNumber("99999999999999999999"))) {
            assertThat(header.with(Header.CREDIT, own).credit()).isZero();
        }
        assertThat(header.with(Header.CREDIT, new JsonNumber("40000")).credit()).isEqualTo(40_000);
    }

    /** The connections of a thread share the headers that were read, so no program may change one. */
    @Test
    void noValueOfAHeaderCanBeChanged() throws FrameException {
        String json =
                "{\"byteorder\":\"big\",\"content-type\":\"x\",\"content-encoding\":\"binary\",\"content-length\":0,"
                        + "\"list\":[[],[1,null]],\"map\":{\"a\":{},\"b\":[2]},\"more\":true,\"status\":\"ok\"}";
        Header read = new HeaderFields(
                        HeaderJson.parse(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)))
                                .members(),
                        FrameLimits.DEFAULT,
                        Direction.RESPONSE)
                .header(0, 1);
        for (Header header : List.of(
                read,
                read.with("x", 1),
                read.withApplicationKey("y", List.of(List.of())),
                read.going(Direction.REQUEST, 1),
                read.packed(1),
                read.packed(1).unpacked(1))) {
            assertUnchangeable(header.others());
        }
    }

    private static void assertUnchangeable(Object value) {
        if (value instanceof List<?> items) {
            assertThatThrownBy(() -> items.add(null)).isInstanceOf(UnsupportedOperationException.class);
            items.forEach(HeaderTest::assertUnchangeable);
        } else if (value instanceof Map<?, ?> members) {
            assertThatThrownBy(() -> members.put(null, null)).isInstanceOf(UnsupportedOperationException.class);
            members.values().forEach(HeaderTest::assertUnchangeable);
        }
    }
}
