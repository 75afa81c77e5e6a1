package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.BitSet;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the table of docs/types.md: which JSON a Java value becomes, and that it comes back equal or is refused. */
class JavaTypesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final OffsetDateTime OFFSET = OffsetDateTime.of(2024, 1, 1, 10, 15, 30, 1, ZoneOffset.ofHours(1));
    private static final ZonedDateTime ZONED = ZonedDateTime.of(2024, 7, 1, 10, 15, 30, 0, BERLIN);

    record Box<T>(T value) {}

    record Maybe(
            Optional<String> text,
            OptionalInt whole,
            OptionalLong large,
            OptionalDouble fraction,
            Optional<List<ZonedDateTime>> times) {}

    record Keys(
            Map<LocalDate, Integer> dates,
            Map<ZonedDateTime, Integer> zoned,
            Map<OffsetDateTime, Integer> offsets,
            Map<Instant, Integer> instants,
            Map<Duration, Integer> durations,
            Map<TimeUnit, Integer> units,
            Map<UUID, Integer> ids,
            Map<Integer, Integer> numbers,
            Map<Boolean, Integer> truths,
            Map<Double, Integer> fractions,
            Map<BigDecimal, Integer> decimals,
            Map<Locale, Integer> locales,
            Map<URI, Integer> links) {}

    record Nested(
            Box<LocalDate> box,
            List<Map<String, Optional<List<OffsetDateTime>>>> deep,
            SortedSet<Integer> sorted,
            EnumMap<TimeUnit, Set<Character>> units,
            EnumSet<TimeUnit> some,
            Map<Long, Box<Box<BigDecimal>>> boxes) {}

    @SuppressWarnings("JavaUtilDate") // it has to come back, too
    static Stream<Object> times() {
        return Stream.of(
                ZONED,
                ZonedDateTime.of(2024, 10, 27, 2, 30, 0, 123_456_789, BERLIN),
                ZonedDateTime.ofLocal(LocalDateTime.of(2024, 10, 27, 2, 30), BERLIN, ZoneOffset.ofHours(1)),
                ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC),
                ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneId.of("UTC")),
                ZonedDateTime.of(2024, 1, 1, 0, 0, 0, 0, ZoneId.of("UTC+01:00")),
                ZonedDateTime.of(-24, 1, 1, 0, 0, 0, 0, BERLIN),
                OFFSET,
                OFFSET.withOffsetSameLocal(ZoneOffset.UTC),
                OFFSET.withOffsetSameLocal(ZoneOffset.ofHoursMinutesSeconds(1, 2, 3)),
                OffsetDateTime.MAX,
                OffsetDateTime.MIN,
                OffsetTime.of(10, 15, 30, 1, ZoneOffset.ofHours(-5)),
                Instant.MAX,
                Instant.MIN,
                Instant.ofEpochSecond(0, 1),
                LocalDate.MAX,
                LocalDate.MIN,
                LocalTime.MAX,
                LocalTime.MIDNIGHT,
                LocalDateTime.MAX,
                LocalDateTime.MIN,
                Year.of(-5),
                YearMonth.of(12_024, 2),
                MonthDay.of(2, 29),
                Month.MAY,
                DayOfWeek.FRIDAY,
                Duration.ofSeconds(-1, 1),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                Period.of(1, -2, 3),
                ZoneId.of("UTC"),
                BERLIN,
                ZoneOffset.ofHours(3),
                TimeZone.getTimeZone("Asia/Tokyo"),
                new Date(-62_135_769_600_001L),
                new Date(Long.MAX_VALUE));
    }

    static Stream<Object> others() throws UnknownHostException {
        return Stream.of(
                new BigDecimal("1.10"),
                new BigDecimal("1E+400"),
                new BigDecimal("0E-10"),
                BigInteger.TWO.pow(2_000),
                'x',
                '\ud83d',
                0.1f,
                Float.MIN_VALUE,
                -0f,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                -0.0,
                (byte) -128,
                (short) -32_768,
                Long.MIN_VALUE,
                true,
                "\0 \" \\ \u2028 🐶",
                TimeUnit.DAYS,
                UUID.fromString("8b7d8dca-b595-44db-a668-632553be5e81"),
                Currency.getInstance("EUR"),
                Locale.forLanguageTag("zh-Hant-TW"),
                Locale.forLanguageTag("th-TH-u-nu-thai"),
                Locale.ROOT,
                URI.create("http://ä.de/%20?a=b#c"),
                Path.of("a/ä b"),
                Path.of("/tmp/ä b"),
                new File("a/b"),
                new File("/tmp/ä b"),
                InetAddress.getByAddress("any.example", new byte[] {10, 0, 0, 1}),
                new byte[] {1, -1},
                new int[] {1, -1},
                new long[] {Long.MIN_VALUE},
                new short[] {-1},
                new double[] {0.1, -0.0},
                new float[] {0.1f},
                new boolean[] {true},
                new char[] {'a', '\ud83d'},
                new String[] {"a"},
                new int[][] {{1}, {}},
                new Maybe(
                        Optional.empty(),
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalDouble.empty(),
                        Optional.empty()),
                new Maybe(
                        Optional.of(""),
                        OptionalInt.of(-1),
                        OptionalLong.of(Long.MIN_VALUE),
                        OptionalDouble.of(0.1),
                        Optional.of(List.of(ZONED))),
                new Keys(
                        Map.of(LocalDate.MIN, 1),
                        Map.of(ZONED, 1),
                        Map.of(OFFSET, 1),
                        Map.of(Instant.MAX, 1),
                        Map.of(Duration.ofMillis(5), 1),
                        Map.of(TimeUnit.DAYS, 1),
                        Map.of(new UUID(1, 2), 1),
                        Map.of(-3, 1),
                        Map.of(true, 1),
                        Map.of(0.1, 1),
                        Map.of(new BigDecimal("1.10"), 1),
                        Map.of(Locale.GERMANY, 1),
                        Map.of(URI.create("a:b"), 1)),
                new Nested(
                        new Box<>(LocalDate.MAX),
                        List.of(Map.of("a", Optional.of(List.of(OFFSET)))),
                        new TreeSet<>(Set.of(3, 1)),
                        new EnumMap<>(Map.of(TimeUnit.DAYS, Set.of('a'))),
                        EnumSet.of(TimeUnit.DAYS),
                        Map.of(1L, new Box<>(new Box<>(new BigDecimal("1.10"))))));
    }

    @ParameterizedTest
    @MethodSource({"times", "others"})
    void itComesBackEqual(Object value) {
        Message written = Message.ofValue(value);
        Object read = written.as(typeOf(value));
        assertThat(read).as(written.text()).isEqualTo(value);
    }

    private static Class<?> typeOf(Object value) {
        return switch (value) {
            case ZoneId _ -> ZoneId.class;
            case Path _ -> Path.class;
            case InetAddress _ -> InetAddress.class;
            case TimeZone _ -> TimeZone.class;
            default -> value.getClass();
        };
    }

    @Test
    void zoneAndOffsetAreInTheJson() {
        assertThat(Message.ofValue(ZONED).text()).isEqualTo("\"2024-07-01T10:15:30+02:00[Europe/Berlin]\"");
        assertThat(Message.ofValue(OFFSET).text()).isEqualTo("\"2024-01-01T10:15:30.000000001+01:00\"");
    }

    static Stream<Object> wouldLose() {
        var flags = BitSet.valueOf(new long[] {5});
        var calendar = new GregorianCalendar(TimeZone.getTimeZone("Asia/Tokyo"), Locale.ROOT);
        var pattern = Pattern.compile("a+", Pattern.CASE_INSENSITIVE);
        return Stream.of(
                flags, calendar, pattern, new Object(), List.of(flags), new Box<>(calendar), Map.of("a", pattern));
    }

    @ParameterizedTest
    @MethodSource("wouldLose")
    void whatWouldNotComeBackIsRefused(Object value) {
        assertThatThrownBy(() -> Message.ofValue(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(" cannot be JSON: ");
    }
}
