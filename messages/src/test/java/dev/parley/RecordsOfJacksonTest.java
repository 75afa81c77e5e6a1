package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.parley.RecordShapeTest.Mixed;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests records that our own code leaves to Jackson, because only Jackson knows what its users mean by them. */
class RecordsOfJacksonTest {
    record Checked(int sides) {
        Checked {
            if (sides < 1) {
                throw new IllegalArgumentException("sides");
            }
        }
    }

    record MayBeNull(@Nullable String text) {}

    record Tree(int value, List<Tree> children) {}

    record Point(int x) {
        public int getTwice() {
            return 2 * x;
        }
    }

    record Bean(int x) {
        public boolean issue() {
            return true;
        }
    }

    record NamedLikeGetters(boolean issue, String getaway, boolean isOpen, int getSize) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    interface Kind {}

    interface Renamed {
        @JsonProperty("n")
        String name();
    }

    interface Further extends Renamed {}

    record Circle(double radius) implements Kind {}

    record Circles(List<Circle> all) {}

    record Person(String name) implements Further {}

    record OfParameter(String a) {
        @SuppressWarnings("RedundantRecordConstructor") // its annotation is what counts
        OfParameter(@JsonProperty("b") String a) {
            this.a = a;
        }
    }

    record Plain(int x) implements Comparable<Plain> {
        @Override
        public int compareTo(Plain other) {
            return Integer.compare(x, other.x);
        }
    }

    @Test
    void whatHasItselfInsideIsLeftToJackson() {
        var tree = new Tree(1, List.of(new Tree(2, List.of())));
        assertThat(RecordShape.writeOrNull(tree)).isNull();
        assertThat(Message.ofValue(tree).as(Tree.class)).isEqualTo(tree);
    }

    /** To Jackson a getter is a member, which an answer must not lose because it is written by hand. */
    @Test
    void aGetterIsWrittenAsJacksonWritesIt() {
        for (Object value : List.of(new Point(3), new Bean(3), new NamedLikeGetters(true, "a", true, 1))) {
            assertThat(Message.ofValue(value).text()).isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
        }
    }

    /** Jackson treats annotations of an interface of the record as if they were annotations of the record. */
    @Test
    void annotationsOfAnInterfaceAreJacksonsToObey() {
        for (Object value :
                List.of(new Circle(1), new Circles(List.of(new Circle(1))), new Person("a"), new Plain(1))) {
            assertThat(Message.ofValue(value).text()).isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
            assertThat(RecordShape.writeOrNull(value) == null).isEqualTo(!(value instanceof Plain));
        }
        assertThatThrownBy(() -> Message.json("{\"radius\": 1.5}").as(Circle.class))
                .isInstanceOf(ContentException.class);
    }

    @Test
    void annotationsOfAConstructorsParametersAreJacksonsToObey() {
        Message written = Message.ofValue(new OfParameter("x"));
        assertThat(written.text()).isEqualTo(JsonMappers.STRICT.writeValueAsString(new OfParameter("x")));
        assertThat(written.as(OfParameter.class)).isEqualTo(new OfParameter("x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"zeta\": \"a\", \"count\": 1, \"big\": 2}",
                "{\"zeta\": \"a\", \"count\": 2147483648, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": -1, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": \"1\", \"big\": 2, \"alpha\": true}",
                "{\"zeta\": 1, \"count\": 1, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": null, \"count\": 1, \"big\": 2, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": 1, \"big\": 1000000000000000000, \"alpha\": true}",
                "{\"zeta\": \"a\", \"count\": 1, \"big\": 2, \"alpha\": null}",
                "{\"zeta\": \"\\u0061\", \"count\": 1, \"big\": 2, \"alpha\": true}"
            })
    void whatIsUnusualIsLeftToJackson(String json) {
        assertThat(RecordShape.readOrNull(Message.json(json), Mixed.class)).isNull();
    }

    @Test
    void aRecordsOwnCheckIsToldAsForAnyOther() {
        assertThat(Message.json("{\"sides\": 6}").as(Checked.class)).isEqualTo(new Checked(6));
        assertThatThrownBy(() -> Message.json("{\"sides\": 0}").as(Checked.class))
                .isInstanceOf(ContentException.class)
                .hasMessageContaining("does not fit");
    }

    @Test
    void whatMayBeNullIsLeftToJackson() {
        assertThat(RecordShape.writeOrNull(new MayBeNull("x"))).isNull();
        assertThat(Message.json("{}").as(MayBeNull.class)).isEqualTo(new MayBeNull(null));
    }
}
