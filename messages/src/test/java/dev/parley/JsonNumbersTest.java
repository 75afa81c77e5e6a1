package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Tests that a number comes back as it was, or is refused. */
class JsonNumbersTest {
    record Doubles(
            double one,
            Double boxed,
            List<double[]> array,
            List<Double> list,
            Optional<Double> maybe,
            OptionalDouble other) {}

    record OneDouble(double value) {}

    record OneFloat(float value) {}

    record Floats(List<float[]> values) {}

    record Trees(JsonNode tree, Object any, Number number, Map<String, Object> map, BigDecimal decimal) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e400",
                "-1e-400",
                "1E+999999999",
                "123456789012345678.901234567890",
                "1.10",
                "0.1000000000000000055511151231257827",
                "10e-1",
                "123456789012345678901234567890",
                "9223372036854775808",
                "-1.5E-7"
            })
    void aTreeKeepsANumberAsItWasWritten(String number) {
        var expected = new BigDecimal(number);
        JsonNode once = Message.json("[" + number + "]").json();
        JsonNode twice = Message.json(once.toString()).json();
        JsonNode written = Message.ofValue(twice).json();
        for (JsonNode tree : List.of(once, twice, written)) {
            assertThat(tree.get(0).decimalValue()).isEqualTo(expected);
        }
        Trees in = Message.json(String.format(
                        "{\"tree\":%1$s,\"any\":%1$s,\"number\":%1$s,\"map\":{\"a\":%1$s},\"decimal\":%1$s}", number))
                .as(Trees.class);
        assertThat(in.tree().decimalValue()).isEqualTo(expected);
        for (Object each :
                List.of(in.any(), in.number(), Objects.requireNonNull(in.map().get("a")), in.decimal())) {
            assertThat(new BigDecimal(String.valueOf(each))).isEqualTo(expected);
        }
        assertThat(Message.ofValue(in).as(Trees.class)).isEqualTo(in);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.0", "-0e7", "-0.000"})
    void aZeroKeepsItsSign(String zero) {
        assertThat(Message.json(zero).json().toString()).isEqualTo("-0.0");
        assertThat(Message.ofValue(Message.json(zero).json()).text()).isEqualTo("-0.0");
        double read =
                Message.json("{\"value\": " + zero + "}").as(OneDouble.class).value();
        assertThat(1 / read).isEqualTo(Double.NEGATIVE_INFINITY);
        Object any = Message.json("{\"value\": " + zero + "}").as(Map.class).get("value");
        assertThat(any).isEqualTo(-0.0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e400",
                "-1e400",
                "1e-400",
                "1e999999999",
                "1e-999999999",
                "1e99999999999",
                "-1E-160080459519492"
            })
    void whatADoubleCannotHoldIsRefused(String number) {
        String all = "{\"one\": 1, \"boxed\": 1, \"array\": [[1]], \"list\": [1], \"maybe\": 1, \"other\": 1}";
        for (String place : List.of("\"one\": 1", "\"boxed\": 1", "\"maybe\": 1", "\"other\": 1", "[[1]]")) {
            String json = all.replace(place, place.replace("1", number));
            assertThatThrownBy(() -> Message.json(json).as(Doubles.class))
                    .isInstanceOf(ContentException.class)
                    .hasMessageEndingWith("expected a number, found a number out of range");
        }
        assertThatThrownBy(() -> Message.json("{\"value\": " + number + "}").as(OneFloat.class))
                .hasMessage("the content does not fit: value: expected a number, found a number out of range");
        assertThatThrownBy(() -> Message.json("[" + number + "]").as(double[].class))
                .hasMessage("the content does not fit: [0]: expected a number, found a number out of range");
    }

    /** No number type holds such an exponent, and a general parser's own error for it is of another kind. */
    @ParameterizedTest
    @ValueSource(strings = {"1e99999999999", "-1E-160080459519492"})
    void whatHasAnExponentBeyondAnIntIsRefused(String number) {
        for (Class<?> type : List.of(JsonNode.class, Map.class, Object.class, Trees.class)) {
            assertThatThrownBy(
                            () -> Message.json("{\"tree\": [" + number + "]}").as(type))
                    .as("%s", type)
                    .isInstanceOf(ContentException.class)
                    .hasMessageEndingWith("found a number out of range");
        }
        assertThatThrownBy(() -> Message.json(number).json())
                .hasMessage("the content does not fit: expected a number, found a number out of range");
        assertThatThrownBy(() -> Message.json(number).as(double.class))
                .hasMessage("the content does not fit: expected a number, found a number out of range");
    }

    @Test
    void whatIsTooLargeForAFloatOnlyIsRefusedThere() {
        String json = "{\"value\": 1e39}";
        assertThat(Message.json(json).as(OneDouble.class)).isEqualTo(new OneDouble(1e39));
        assertThatThrownBy(() -> Message.json(json).as(OneFloat.class)).hasMessageContaining("out of range");
        assertThatThrownBy(() ->
                        Message.json("{\"value\": 1" + "0".repeat(400) + "}").as(OneDouble.class))
                .hasMessageContaining("out of range");
    }

    static List<Object> notFinite() {
        return List.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Float.NaN,
                Float.NEGATIVE_INFINITY,
                new OneDouble(Double.NaN),
                new OneFloat(Float.POSITIVE_INFINITY),
                new double[] {1, Double.NEGATIVE_INFINITY},
                new Floats(List.of(new float[] {Float.NaN})),
                List.of(1, Double.NaN),
                Map.of("a", List.of(Map.of("b", Double.NaN))),
                Optional.of(Double.NaN),
                JsonNodeFactory.instance.numberNode(Double.NaN),
                JsonNodeFactory.instance.pojoNode(new OneDouble(Double.NaN)));
    }

    @ParameterizedTest
    @MethodSource("notFinite")
    void notFiniteNumbersAreRefusedWhereTheyAreWritten(Object value) {
        assertThatThrownBy(() -> Message.ofValue(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(".*(NaN|Infinity) is not a number that JSON has");
    }

    @Test
    void thePlaceIsNamed() {
        assertThatThrownBy(() -> Message.ofValue(Map.of("a", List.of(new OneDouble(Double.NaN)))))
                .hasMessageContaining("a[0].value: NaN is not a number that JSON has");
    }
}
