package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the error that a peer gets if its JSON does not fit a type. */
class BindingErrorTextTest {
    enum Size {
        SMALL,
        LARGE
    }

    record Item(String name, @Nullable Integer count) {
        Item {
            if (name.equals("forbidden")) {
                throw new IllegalStateException("secret of the application's");
            }
            if (name.equals("old")) {
                throw new DateTimeException("it is older than its shop");
            }
            if (name.equals("null")) {
                List.copyOf(Collections.singletonList(null));
            }
            if (name.equals("refused")) {
                throw new IllegalArgumentException("the name is taken\u0007");
            }
            if (name.equals("silent")) {
                throw new IllegalArgumentException();
            }
        }
    }

    record Order(
            String buyer,
            int number,
            List<Item> items,
            @Nullable Size size,
            @Nullable Boolean paid,
            Optional<Double> price,
            @Nullable Map<String, Integer> stock) {}

    record Empty() {}

    private static final String REST = "\"buyer\": \"b\", \"number\": 1, \"items\": []";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|buyer: it is required, but is missing or null",
                "{\"buyer\": null}|buyer: it is required, but is missing or null",
                "{\"buyer\": 3}|buyer: expected text, found a number",
                "{\"buyer\": true}|buyer: expected text, found true or false",
                "{\"buyer\": []}|buyer: expected text, found an array",
                "{\"buyer\": \"b\", \"items\": []}|number: it is required, but is missing or null",
                "{\"number\": null}|number: it is required, but is missing or null",
                "{\"number\": \"3\"}|number: expected a whole number, found text",
                "{\"number\": 1.5}|number: expected a whole number, found another number",
                "{\"number\": 99999999999}|number: expected a whole number, found a number out of range",
                "{\"items\": {}}|items: expected an array, found an object",
                "{\"items\": [{\"name\": \"a\"}, {}]}|items[1].name: it is required, but is missing or null",
                "{\"items\": [{\"name\": \"a\", \"count\": {}}]}|items[0].count: expected a whole number, found an object",
                "{\"items\": [{\"name\": \"forbidden\"}]}|items[0]: the check of Item failed (IllegalStateException)",
                "{\"items\": [{\"name\": \"old\"}]}|items[0]: it is older than its shop",
                "{\"items\": [{\"name\": \"null\"}]}|items[0]: the check of Item failed (NullPointerException)",
                "{\"items\": [{\"name\": \"refused\"}]}|items[0]: the name is taken ",
                "{\"items\": [{\"name\": \"silent\"}]}|items[0]: the check of Item failed (IllegalArgumentException)",
                "{\"buyr\": \"b\"}|buyer: it is required, but is missing or null; there is a member with nearly this name: did you mean 'buyer'?",
                "{\"Buyer\": \"b\"}|buyer: it is required, but is missing or null; there is a member with nearly this name: did you mean 'buyer'?",
                "{\"seller\": \"b\"}|buyer: it is required, but is missing or null",
                "{\"buyer\": null, \"buyr\": 1}|buyer: it is required, but is missing or null",
                "{\"items\": [{\"name\": \"a\"}, {\"nmae\": \"b\"}]}|items[1].name: it is required, but is missing or null; there is a member with nearly this name: did you mean 'name'?",
                "{\"size\": \"HUGE\"}|size: expected one of SMALL, LARGE",
                "{\"size\": 1}|size: expected one of SMALL, LARGE, found a number",
                "{\"paid\": 1}|paid: expected true or false, found a number",
                "{\"price\": \"1\"}|price: expected a number, found text",
                "{\"stock\": {\"a peer's key\": \"x\"}}|stock.?: expected a whole number, found text",
                "[1]|expected an object, found an array",
                "\"x\"|expected an object, found text",
                "null|null is not allowed"
            })
    void itNamesThePlaceWhatIsWantedAndWhatWasSeen(String json, String expected) {
        assertThatThrownBy(() -> Message.json(json).as(Order.class))
                .isInstanceOf(ContentException.class)
                .hasMessage("the content does not fit: " + expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"buyer\": |the content is not one JSON value: it ends before the value does, at byte 10",
                "{} {}|the content is not one JSON value: something follows after the value, at byte 4",
                "{\"buyer\": \"a\", \"buyer\": \"b\"}|the content is not one JSON value: an object has the same name twice,"
                        + " at byte 16",
                "``|the content is empty, but its type is JSON"
            })
    void whatIsNoJsonIsToldApart(String json, String expected) {
        assertThatThrownBy(() -> Message.json(json).as(Empty.class)).hasMessage(expected);
    }

    /**
     * Components that may be missing may be missing, and members that older records do not know are ignored, so a
     * record may grow.
     */
    @Test
    void whatMayBeMissingMayBeMissing() {
        Order order = Message.json("{" + REST + ", \"further\": {\"any\": 1}}").as(Order.class);
        assertThat(order).isEqualTo(new Order("b", 1, List.of(), null, null, Optional.empty(), null));
        Order explicit =
                Message.json("{" + REST + ", \"size\": null, \"price\": null}").as(Order.class);
        assertThat(explicit).isEqualTo(order);
        assertThat(Message.json("{}").as(Empty.class)).isEqualTo(new Empty());
        assertThat(Message.ofValue(new Empty()).text()).isEqualTo("{}");
    }
}
