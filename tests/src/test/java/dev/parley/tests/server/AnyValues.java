package dev.parley.tests.server;

import dev.parley.json.JsonScan;
import dev.parley.json.JsonText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes values of all kinds that a message may be made of, and some of which none can be made. */
final class AnyValues {
    private static final double[] DOUBLES = {
        0.0, -0.0, 1.5, -2.25, 0.1, 1e300, -1e-300, Double.MIN_VALUE, Double.MAX_VALUE, Math.PI
    };
    private static final double[] NOT_JSON = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    private static final long[] LONGS = {
        0,
        1,
        -1,
        9,
        10,
        127,
        -128,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 53,
        (1L << 53) + 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "true",
        "null",
        "123",
        "{}",
        "[1]",
        "\"",
        "\\",
        "\\u0041",
        "a\nb\r\n\tc",
        "\u0000",
        "\u001b[31m",
        "\u007f",
        "\u0085",
        "\u2028",
        "ä",
        "Straße",
        "日本語",
        "😀",
        "\ud83d",
        "\ude00",
        "\ude00\ud83d",
        "\ufeff",
        "\uffff",
        "control",
        "action",
        "0.10",
        "2024-07-01T10:15:30+02:00"
    };

    private final RandomGenerator random;

    AnyValues(RandomGenerator random) {
        this.random = random;
    }

    @Nullable
    Object next() {
        return value(0);
    }

    private @Nullable Object value(int depth) {
        return switch (random.nextInt(depth > 4 ? 8 : 12)) {
            case 0 -> random.nextInt(3) == 0 ? null : random.nextBoolean();
            case 1 -> random.nextBoolean() ? LONGS[random.nextInt(LONGS.length)] : random.nextLong();
            case 2 -> random.nextInt(40) == 0 ? NOT_JSON[random.nextInt(3)] : fraction();
            case 3 -> decimal();
            case 4 ->
                new BigInteger(
                        random.nextInt(30) == 0 ? 3_310 + random.nextInt(30) : 1 + random.nextInt(200), asRandom());
            case 5, 6, 7 -> text();
            case 8, 9 -> list(depth);
            default -> map(depth);
        };
    }

    private Random asRandom() {
        return Random.from(random);
    }

    private double fraction() {
        double any = Double.longBitsToDouble(random.nextLong());
        return random.nextBoolean() || !Double.isFinite(any) ? DOUBLES[random.nextInt(DOUBLES.length)] : any;
    }

    private BigDecimal decimal() {
        int scale = random.nextInt(5) == 0 ? random.nextInt(-900_000_000, 900_000_000) : random.nextInt(-20, 60);
        return new BigDecimal(new BigInteger(1 + random.nextInt(120), asRandom()), scale);
    }

    private String text() {
        if (random.nextBoolean()) {
            return TEXTS[random.nextInt(TEXTS.length)];
        }
        int length = random.nextInt(20) == 0 ? random.nextInt(5_000) : random.nextInt(40);
        var text = new StringBuilder();
        int bound = new int[] {0x80, 0x100, 0x3000, 0x10000}[random.nextInt(4)];
        for (int i = 0; i < length; i++) {
            text.append((char) random.nextInt(bound));
        }
        return text.toString();
    }

    private List<@Nullable Object> list(int depth) {
        var list = new ArrayList<@Nullable Object>();
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(value(depth + 1));
        }
        return list;
    }

    private Map<String, @Nullable Object> map(int depth) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (int i = random.nextInt(5); i > 0; i--) {
            map.put(random.nextInt(200) == 0 ? "n".repeat(49_990 + random.nextInt(20)) : text(), value(depth + 1));
        }
        return map;
    }

    /** Returns whether a message can be made of the value. */
    static boolean isJson(@Nullable Object value) {
        return switch (value) {
            case Double number -> Double.isFinite(number);
            case BigInteger number -> number.abs().toString().length() <= JsonScan.DIGITS_MAX;
            case List<?> list -> list.stream().allMatch(AnyValues::isJson);
            case Map<?, ?> map ->
                map.keySet().stream().allMatch(name -> isName((String) name))
                        && map.values().stream().allMatch(AnyValues::isJson);
            case null, default -> true;
        };
    }

    private static boolean isName(String name) {
        return !JsonText.hasHalfPair(name)
                && JsonText.utf8(JsonText.string(name)).length - 2 <= JsonScan.NAME_BYTES_MAX;
    }

    /** Returns whether the JSON is this value: each text to its last unit, each number to its last digit. */
    static boolean isSame(@Nullable Object value, JsonNode json) {
        return switch (value) {
            case null -> json.isNull();
            case Boolean truth -> json.isBoolean() && json.booleanValue() == truth;
            case String text -> json.isString() && json.stringValue().equals(text);
            case Double number -> json.isNumber() && Double.compare(json.doubleValue(), number) == 0;
            case BigDecimal number -> json.isNumber() && isEqual(json.decimalValue(), number) || isWhole(number, json);
            case Number number ->
                json.isIntegralNumber() && json.bigIntegerValue().toString().equals(number.toString());
            case List<?> list -> {
                boolean same = json.isArray() && json.size() == list.size();
                for (int i = 0; same && i < list.size(); i++) {
                    same = isSame(list.get(i), json.get(i));
                }
                yield same;
            }
            case Map<?, ?> map ->
                json.isObject()
                        && json.size() == map.size()
                        && map.entrySet().stream()
                                .allMatch(member -> json.get((String) member.getKey()) != null
                                        && isSame(member.getValue(), json.get((String) member.getKey())));
            default -> throw new IllegalArgumentException(value.getClass().toString());
        };
    }

    private static boolean isEqual(BigDecimal one, BigDecimal other) {
        return one.scale() == other.scale() && one.compareTo(other) == 0;
    }

    /** Returns whether it is a whole number, which has no scale: JSON without fraction and exponent. */
    private static boolean isWhole(BigDecimal number, JsonNode json) {
        return number.scale() == 0
                && json.isIntegralNumber()
                && json.bigIntegerValue().equals(number.unscaledValue());
    }
}
