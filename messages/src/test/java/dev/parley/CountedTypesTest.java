package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The limit of values holds wherever the peer chooses which objects there are. */
@SuppressWarnings("ArrayRecordComponent") // they are never compared
class CountedTypesTest {
    private static final int MAX = 10;

    record OfTree(JsonNode value) {}

    record OfMap(Map<String, Integer> value) {}

    record OfAnything(Object value) {}

    record OfSerializable(Serializable value) {}

    @SuppressWarnings("rawtypes") // what it is about
    record OfRawList(List value) {}

    record OfTrees(List<Optional<JsonNode>> value) {}

    record OfArray(Object[] value) {}

    record Inner(OfMap[] maps) {}

    record Outer(List<Inner> value) {}

    record OfNumbers(List<Integer> value) {}

    record OfNames(Optional<List<String>> value, List<OfNames> others) {}

    static final class Bean {
        @SuppressWarnings("unused") // Jackson sets it
        public List<Integer> value = List.of();
    }

    private static Message with(int values) {
        String json = "{\"value\": " + "[" + "1,".repeat(values - 3) + "1]}";
        return Message.of(Message.json(json).frame(), JsonLimits.DEFAULT.withValuesMax(MAX));
    }

    @Test
    void openTypesAreCounted() {
        for (Class<?> type : List.of(
                OfTree.class,
                OfMap.class,
                OfAnything.class,
                OfSerializable.class,
                OfRawList.class,
                OfTrees.class,
                OfArray.class,
                Outer.class,
                Bean.class,
                Map.class,
                JsonNode.class,
                Object.class)) {
            String tooMany = "has more than 10 values";
            assertThatThrownBy(() -> with(MAX + 1).as(type)).as("%s", type).hasMessageContaining(tooMany);
            if (type != Map.class) {
                Codec<?> ours = new JacksonCodec<>((Type) type, JsonMapper.shared(), Message.TEXT_JSON);
                assertThatThrownBy(() -> ours.read(with(MAX + 1)))
                        .as("%s", type)
                        .hasMessageContaining(tooMany);
            }
        }
        assertThat(with(MAX).as(OfTree.class).value()).hasSize(MAX - 2);
    }

    @Test
    void typesWhoseObjectsTheProgramChoosesAreNotCounted() {
        assertThat(with(1_000).as(OfNumbers.class).value()).hasSize(998);
        assertThat(CountedTypes.isCounted(OfNames.class)).isFalse();
        assertThat(CountedTypes.isCounted(int[].class)).isFalse();
        assertThat(CountedTypes.isCounted(String.class)).isFalse();
    }

    /** No object is made from what a question without content consists of, so the number of its values is free. */
    @Test
    void whatIsIgnoredIsNotCounted() throws Exception {
        assertThat(Codec.nothing().read(with(1_000))).isNull();
        assertThat(Codec.nothing().read(Message.json(" null"))).isNull();
        for (String json : List.of("[]", "1", "true", "\"null\"")) {
            assertThatThrownBy(() -> Codec.nothing().read(Message.json(json)))
                    .hasMessage("the content must be empty here");
        }
        assertThatThrownBy(() -> Codec.nothing().read(Message.json("{\"a\": }")))
                .isInstanceOf(ContentException.class);
    }
}
