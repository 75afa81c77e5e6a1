package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Currency;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;

/** Tests that no value is converted to another type, and that none is replaced by another value (docs/types.md). */
class StrictTypesTest {
    private static final List<Class<?>> TEXTS = List.of(
            UUID.class,
            File.class,
            Path.class,
            URI.class,
            URL.class,
            Locale.class,
            Currency.class,
            TimeZone.class,
            ZoneId.class,
            ZoneOffset.class,
            InetAddress.class,
            InetSocketAddress.class,
            Pattern.class,
            StringBuilder.class,
            Charset.class,
            Duration.class,
            Period.class,
            Instant.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            OffsetDateTime.class,
            OffsetTime.class,
            ZonedDateTime.class,
            YearMonth.class,
            MonthDay.class);

    private static void assertRefused(String json, Class<?> type) {
        assertThatThrownBy(() -> Message.json(json).as(type))
                .as("%s as %s", json, type)
                .isInstanceOf(ContentException.class);
    }

    record OfByte(byte value) {}

    record OfObject(Byte value) {}

    record OfOptional(Optional<Byte> value) {}

    private static final List<Class<?>> WHOLES = List.of(byte.class, short.class, int.class, long.class);

    @Test
    void aWholeNumberOutOfItsRangeIsRefused() {
        for (int i = 0; i < WHOLES.size(); i++) {
            Class<?> type = WHOLES.get(i);
            BigInteger beyond = BigInteger.ONE.shiftLeft((8 << i) - 1);
            assertThat(Message.json(beyond.subtract(BigInteger.ONE).toString()).as(type))
                    .hasToString("" + beyond.subtract(BigInteger.ONE));
            assertThat(Message.json(beyond.negate().toString()).as(type)).hasToString("" + beyond.negate());
            assertRefused(beyond.toString(), type);
            assertRefused(beyond.negate().subtract(BigInteger.ONE).toString(), type);
            assertRefused("[" + beyond + "]", type.arrayType());
        }
        for (Class<?> type : List.of(OfByte.class, OfObject.class, OfOptional.class)) {
            assertRefused("{\"value\": 128}", type);
            assertRefused("{\"value\": 255}", type);
        }
        assertThat(Message.json("[127, -128]").as(byte[].class)).containsExactly(127, -128);
    }

    private static <K> void assertKeys(TypeReference<Map<K, Integer>> type, K key, String name, String... refused)
            throws Exception {
        Codec<Map<K, Integer>> codec = Codec.of(type);
        assertThat(codec.read(Message.json("{\"" + name + "\": 1}"))).isEqualTo(Map.of(key, 1));
        for (String other : refused) {
            assertThatThrownBy(() -> codec.read(Message.json("{\"" + other + "\": 1}")))
                    .as("the key '%s' of %s", other, type.getType())
                    .isInstanceOf(ContentException.class)
                    .hasMessageContaining("a name in it is not a valid key");
        }
    }

    @Test
    void aKeyOfAMapIsReadAsStrictlyAsAValue() throws Exception {
        assertKeys(
                new TypeReference<Map<Byte, Integer>>() {},
                (byte) -128,
                "-128",
                "200",
                "-129",
                "1.0",
                "+1",
                "01",
                " 1");
        assertKeys(new TypeReference<Map<Short, Integer>>() {}, (short) 7, "7", "32768", "7 ", "1e2");
        assertKeys(new TypeReference<Map<Integer, Integer>>() {}, -5, "-5", "2147483648", "0x10", "1_000");
        assertKeys(new TypeReference<Map<Long, Integer>>() {}, 1L << 40, "1099511627776", "9223372036854775808", "1L");
        assertKeys(new TypeReference<Map<BigInteger, Integer>>() {}, BigInteger.TEN, "10", "+10", "010", "1.0");
        assertKeys(new TypeReference<Map<Float, Integer>>() {}, 1.5f, "1.5", "1e39", "NaN", "1.5f", "1e-60", ".5");
        assertKeys(new TypeReference<Map<Double, Integer>>() {}, -0.0, "-0.0", "1e999", "1e-999", "Infinity", "1d");
        assertKeys(new TypeReference<Map<BigDecimal, Integer>>() {}, new BigDecimal("1.50"), "1.50", "1.", " 1", "+1");
        assertKeys(new TypeReference<Map<Boolean, Integer>>() {}, true, "true", "TRUE", "True", "1", "true ");
        assertKeys(new TypeReference<Map<Integer, Integer>>() {}, 0, "-0", "-00", "--0");
        UUID id = UUID.fromString("8b7d8dca-b595-44db-a668-632553be5e81");
        assertKeys(new TypeReference<Map<UUID, Integer>>() {}, id, id.toString(), "1-1-1-1-1", " " + id);
        LocalDate day = LocalDate.of(2024, 7, 1);
        assertKeys(
                new TypeReference<Map<LocalDate, Integer>>() {}, day, "2024-07-01", "2024-07-01T00:00", "2024-02-30");
        assertKeys(new TypeReference<Map<Instant, Integer>>() {}, Instant.EPOCH, "1970-01-01T00:00:00Z", "0", "12.5");
        assertKeys(
                new TypeReference<Map<Date, Integer>>() {},
                Date.from(Instant.EPOCH),
                "1970-01-01T00:00:00.000Z",
                "2024-02-30");
        assertKeys(new TypeReference<Map<Locale, Integer>>() {}, Locale.UK, "en-GB", "en-GB ", "e n");
        assertKeys(new TypeReference<Map<Size, Integer>>() {}, Size.SMALL, "SMALL", "small", "0", "the small one");
    }

    /** A member would be lost, since a map has each key once. */
    private static <K> void assertTwice(TypeReference<Map<K, Object>> type, String one, String other) throws Exception {
        Codec<Map<K, Object>> codec = Codec.of(type);
        assertThat(codec.read(Message.json("{\"" + one + "\": 1}"))).hasSize(1);
        assertThat(codec.read(Message.json("{\"" + other + "\": 1}"))).hasSize(1);
        assertThatThrownBy(() -> codec.read(Message.json("{\"" + one + "\": 1, \"" + other + "\": 2}")))
                .isInstanceOf(ContentException.class)
                .hasMessage("the content does not fit: two names in it stand for the same key");
    }

    private enum Shade {
        @JsonAlias("black")
        DARK
    }

    private record Lower(String text) {
        @JsonCreator
        Lower(String text) {
            this.text = text.toLowerCase(Locale.ROOT);
        }
    }

    @Test
    void twoNamesOfTheSameKeyAreRefused() throws Exception {
        assertTwice(new TypeReference<Map<Integer, Object>>() {}, "0", "-0");
        assertTwice(new TypeReference<Map<Double, Object>>() {}, "1", "1.0");
        assertTwice(new TypeReference<Map<Float, Object>>() {}, "1e1", "10");
        assertTwice(new TypeReference<Map<BigDecimal, Object>>() {}, "1e1", "1E1");
        String id = "8b7d8dca-b595-44db-a668-632553be5e81";
        assertTwice(new TypeReference<Map<UUID, Object>>() {}, id, id.toUpperCase(Locale.ROOT));
        assertTwice(new TypeReference<Map<Shade, Object>>() {}, "DARK", "black");
        assertTwice(new TypeReference<Map<Lower, Object>>() {}, "a", "A");
        Codec<SortedMap<BigDecimal, Integer>> sorted = Codec.of(new TypeReference<SortedMap<BigDecimal, Integer>>() {});
        assertThatThrownBy(() -> sorted.read(Message.json("{\"1\": 1, \"1.0\": 2}")))
                .hasMessageContaining("two names in it");
        Codec<Map<BigDecimal, Integer>> unsorted = Codec.of(new TypeReference<Map<BigDecimal, Integer>>() {});
        assertThat(unsorted.read(Message.json("{\"1\": 1, \"1.0\": 2}"))).hasSize(2);
    }

    /** An object whose own members have keys, too, which it keeps beside its components. */
    static final class Open {
        @JsonAnySetter
        final Map<Integer, Object> others = new LinkedHashMap<>();
    }

    @Test
    void theKeysOfAMapInAMapAreItsOwn() throws Exception {
        Codec<Map<Integer, Map<Integer, Integer>>> nested =
                Codec.of(new TypeReference<Map<Integer, Map<Integer, Integer>>>() {});
        assertThat(nested.read(Message.json("{\"1\": {\"1\": 1, \"2\": 2}, \"2\": {\"1\": 1}}")))
                .isEqualTo(Map.of(1, Map.of(1, 1, 2, 2), 2, Map.of(1, 1)));
        assertThatThrownBy(() -> nested.read(Message.json("{\"1\": {\"0\": 1, \"-0\": 2}}")))
                .hasMessageContaining("1: two names in it stand for the same key");
        Codec<Map<Integer, Open>> open = Codec.of(new TypeReference<Map<Integer, Open>>() {});
        Map<Integer, Open> read = open.read(Message.json("{\"1\": {\"1\": 1}, \"2\": {\"1\": 1, \"2\": 3}}"));
        assertThat(Objects.requireNonNull(read.get(2)).others).isEqualTo(Map.of(1, 1, 2, 3));
    }

    record Name(@JsonValue String text) {
        @JsonCreator
        Name {}
    }

    @Test
    void aKeyOfAnotherTypeIsAnyTextOfTheType() throws Exception {
        assertKeys(new TypeReference<Map<Character, Integer>>() {}, ' ', " ");
        assertKeys(new TypeReference<Map<Name, Integer>>() {}, new Name(" bob "), " bob ");
        assertKeys(new TypeReference<Map<String, Integer>>() {}, " ", " ");
    }

    enum Size {
        SMALL,
        LARGE;

        @Override
        public String toString() {
            return "the " + name().toLowerCase(Locale.ROOT) + " one";
        }
    }

    record OfEnum(Size size, List<Size> all, Map<Size, Size> others) {}

    @Test
    void anEnumIsItsName() {
        var value = new OfEnum(Size.SMALL, List.of(Size.LARGE), Map.of(Size.LARGE, Size.SMALL));
        Message written = Message.ofValue(value);
        assertThat(written.text())
                .isEqualTo("{\"size\":\"SMALL\",\"all\":[\"LARGE\"],\"others\":{\"LARGE\":\"SMALL\"}}");
        assertThat(written.as(OfEnum.class)).isEqualTo(value);
        assertRefused("\"the small one\"", Size.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42", "1.5", "true", "[]", "[\"a\"]", "[2024, 1, 1]", "{}", "null"})
    void whatIsTextIsReadFromTextOnly(String json) {
        for (Class<?> type : TEXTS) {
            assertRefused(json, type);
        }
    }

    @Test
    void blanksAtTheEndsAreNotDropped() {
        for (Class<?> type : TEXTS) {
            String example = example(type);
            Object plain = Message.json('"' + example + '"').as(type);
            Message blank = Message.json("\" " + example + '"');
            if (List.of(File.class, Path.class, Pattern.class, StringBuilder.class)
                    .contains(type)) {
                assertThat(blank.as(type)).hasToString(" " + plain);
            } else {
                assertThatThrownBy(() -> blank.as(type)).isInstanceOf(ContentException.class);
            }
        }
    }

    private static String example(Class<?> type) {
        String known = TextTypes.exampleOrNull(type);
        if (known != null) {
            return known;
        }
        return Map.of(
                        URL.class, "http://a.example/",
                        ZoneOffset.class, "+02:00",
                        InetAddress.class, "10.0.0.1",
                        Charset.class, "UTF-8",
                        OffsetTime.class, "10:15:30+02:00",
                        YearMonth.class, "2024-07",
                        MonthDay.class, "--07-01")
                .getOrDefault(type, "a");
    }

    @Test
    void anEmptyTextIsNotNull() {
        for (Class<?> type : TEXTS) {
            if (List.of(File.class, Path.class, Pattern.class, StringBuilder.class, URI.class, Locale.class)
                    .contains(type)) {
                assertThat(Message.json("\"\"").as(type)).hasToString("");
            } else {
                assertThatThrownBy(() -> Message.json("\"\"").as(type))
                        .as(type.getName())
                        .isInstanceOf(ContentException.class)
                        .hasMessageNotContaining("null");
            }
        }
        Codec<List<UUID>> ids = Codec.of(new TypeReference<List<UUID>>() {});
        assertThatThrownBy(() -> ids.read(Message.json("[\"\"]"))).isInstanceOf(ContentException.class);
    }

    @Test
    void aTextThatStandsForNoValueIsNotReplacedByAnother() {
        assertRefused("\"Europe/Berlim\"", TimeZone.class);
        assertRefused("\"GMT+99\"", TimeZone.class);
        assertThat(Message.json("\"GMT\"").as(TimeZone.class)).isEqualTo(TimeZone.getTimeZone("GMT"));
        assertRefused("\"AAAAAAAAAAAAAAAAAAAAAA==\"", UUID.class);
        assertRefused("\"2024-01-01T10:15:30\"", LocalDate.class);
        assertRefused("\"2024-01-01T10:15:30\"", LocalTime.class);
        assertRefused("\"2024-01-01T10:15:30Z\"", LocalDateTime.class);
        assertRefused("\"2024-02-31\"", Date.class);
        assertRefused("\"2024-13-01T00:00:00.000Z\"", Date.class);
        assertRefused("\"en-???\"", Locale.class);
        for (Class<?> type :
                List.of(Instant.class, OffsetDateTime.class, ZonedDateTime.class, Date.class, Year.class)) {
            assertRefused("\"2024\"", type);
            assertRefused("\"1.5\"", type);
        }
    }

    @Test
    void otherFormsOfTheSameValueAreRead() {
        assertThat(Message.json("\"+02\"").as(ZoneOffset.class)).isEqualTo(ZoneOffset.ofHours(2));
        assertThat(Message.json("\"-0530\"").as(ZoneOffset.class)).isEqualTo(ZoneOffset.ofHoursMinutes(-5, -30));
        assertThat(Message.json("\"GMT+2\"").as(TimeZone.class)).isEqualTo(TimeZone.getTimeZone("GMT+02:00"));
        assertThat(Message.json("\"Thu, 01 Jan 1970 00:00:00 GMT\"").as(Date.class))
                .isEqualTo(Date.from(Instant.EPOCH));
        assertRefused("\"Thu, 01 Jan 1970 00:00:00 GMT and so on\"", Date.class);
        assertThat(Message.json("\"2024-02-29T10:15:30.000+0000\"").as(Date.class))
                .isEqualTo(Date.from(Instant.parse("2024-02-29T10:15:30Z")));
    }

    @Test
    void theErrorSaysWhatIsExpected() {
        assertThatThrownBy(() -> Message.json("1e64").as(Duration.class))
                .hasMessage("the content does not fit: expected text such as PT1.5S, found a number");
        assertThatThrownBy(() -> Message.json("1").as(Instant.class))
                .hasMessage("the content does not fit: expected text such as 2024-07-01T08:15:30Z, found a number");
        assertThatThrownBy(() -> Message.json("\"2024\"").as(Year.class))
                .hasMessage("the content does not fit: expected a whole number, found text");
    }

    record Annotated(
            @JsonFormat(shape = JsonFormat.Shape.NUMBER) Duration time,
            @JsonFormat(pattern = "dd.MM.yyyy") LocalDate date) {}

    @Test
    void anAnnotationMayChooseAnotherForm() {
        assertThat(Message.json("{\"time\": 1.5, \"date\": \"01.02.2024\"}").as(Annotated.class))
                .isEqualTo(new Annotated(Duration.ofMillis(1_500), LocalDate.of(2024, 2, 1)));
    }
}
