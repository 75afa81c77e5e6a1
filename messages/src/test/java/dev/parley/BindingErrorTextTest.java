package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a peer is told whose JSON is no value of a type. */
class BindingErrorTextTest {
    enum Size {
        SMALL,
        LARGE
    }

    record Item(String name, @Nullable Integer count) {
        Item {
            if (name.equals("forbidden")) {
                throw new IllegalArgumentException("secret of the application's");
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
                "{}|buyer: it is missing or null, and must be there",
                "{\"buyer\": null}|buyer: it is missing or null, and must be there",
                "{\"buyer\": 3}|buyer: text wanted, a number seen",
                "{\"buyer\": true}|buyer: text wanted, true or false seen",
                "{\"buyer\": []}|buyer: text wanted, an array seen",
                "{\"buyer\": \"b\", \"items\": []}|number: it is missing or null, and must be there",
                "{\"number\": null}|number: it is missing or null, and must be there",
                "{\"number\": \"3\"}|number: a whole number wanted, text seen",
                "{\"number\": 1.5}|number: a whole number wanted, another number seen",
                "{\"number\": 99999999999}|number: a whole number wanted, a number out of its range seen",
                "{\"items\": {}}|items: an array wanted, an object seen",
                "{\"items\": [{\"name\": \"a\"}, {}]}|items[1].name: it is missing or null, and must be there",
                "{\"items\": [{\"name\": \"a\", \"count\": {}}]}|items[0].count: a whole number wanted, an object seen",
                "{\"items\": [{\"name\": \"forbidden\"}]}|items[0]: a value that is not taken here",
                "{\"buyr\": \"b\"}|buyer: it is missing or null, and must be there; a member that is nearly it is there: did you mean 'buyer'?",
                "{\"Buyer\": \"b\"}|buyer: it is missing or null, and must be there; a member that is nearly it is there: did you mean 'buyer'?",
                "{\"seller\": \"b\"}|buyer: it is missing or null, and must be there",
                "{\"buyer\": null, \"buyr\": 1}|buyer: it is missing or null, and must be there",
                "{\"items\": [{\"name\": \"a\"}, {\"nmae\": \"b\"}]}|items[1].name: it is missing or null, and must be there; a member that is nearly it is there: did you mean 'name'?",
                "{\"size\": \"HUGE\"}|size: one of SMALL, LARGE wanted",
                "{\"size\": 1}|size: one of SMALL, LARGE wanted, a number seen",
                "{\"paid\": 1}|paid: true or false wanted, a number seen",
                "{\"price\": \"1\"}|price: a number wanted, text seen",
                "{\"stock\": {\"a peer's key\": \"x\"}}|stock.?: a whole number wanted, text seen",
                "[1]|an object wanted, an array seen",
                "\"x\"|an object wanted, text seen",
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
                "``|the content is empty; it says that it is JSON"
            })
    void whatIsNoJsonIsToldApart(String json, String expected) {
        assertThatThrownBy(() -> Message.json(json).as(Empty.class)).hasMessage(expected);
    }

    /** So a record may grow: new components that may be missing, and members that older ones do not know. */
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
