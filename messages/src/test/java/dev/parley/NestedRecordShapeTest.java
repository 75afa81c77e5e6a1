package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.json.JoinedBytes;
import dev.parley.json.JsonText;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Tests that records with lists and records inside are read and written by hand as Jackson reads and writes them. */
class NestedRecordShapeTest {
    record Item(long id, String name, double price, boolean active) {}

    record Place(String city, int number) {}

    record Order(
            List<Item> items,
            Place place,
            List<String> tags,
            List<Double> weights,
            List<List<Integer>> grid,
            Long sum) {}

    /**
     * Lists and records inside others come back: as Jackson writes them, with space between, in another order, and with
     * other members.
     */
    @Test
    void nestedOnesComeBackAsTheyWent() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        JsonMapper pretty = JsonMappers.STRICT
                .rebuild()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build();
        for (int i = 0; i < 2_000; i++) {
            Order value = order(random);
            String as = "seed " + seed + ", round " + i;
            JoinedBytes written = RecordShape.writeOrNull(value);
            String json = JsonMappers.STRICT.writeValueAsString(value);
            assertThat(Message.json(Objects.requireNonNull(written)).text())
                    .as(as)
                    .isEqualTo(json);
            assertThat(byHand(json, Order.class)).as(as).isEqualTo(value);
            assertThat(byHand(pretty.writeValueAsString(value), Order.class))
                    .as(as)
                    .isEqualTo(value);
            JsonNode shuffled = shuffled(JsonMappers.STRICT.readTree(json), random);
            assertThat(byHand(JsonMappers.STRICT.writeValueAsString(shuffled), Order.class))
                    .as(as)
                    .isEqualTo(value);
        }
    }

    /**
     * A peer may send something else instead: a value of another type in some place, a missing member, a null, an
     * escape.
     */
    @Test
    void whatIsReadOfAnythingIsWhatJacksonReadsOrNothing() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        String[] others = {
            "null",
            "1",
            "-0",
            "-0.0",
            "1.50",
            "1e2",
            "1e400",
            "\"\"",
            "\"\\u0061\"",
            "true",
            "[]",
            "{}",
            "[1]",
            "0.1e-7",
            "123456789012345678",
            "1234567890123456789",
            "0.12345678901234567",
            "9007199254740993",
            "[[1, 2], [3]]",
            "{\"city\": \"x\", \"number\": 3, \"mor\\u0065\": [\"]\", \"\\\"\"]}",
            "99999999999.25",
            "5e-324"
        };
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            JsonNode tree = JsonMappers.STRICT.readTree(JsonMappers.STRICT.writeValueAsString(order(random)));
            String json = withOther(tree, others[random.nextInt(others.length)], random);
            Order byHand = byHand(json, Order.class);
            if (byHand != null) {
                read++;
                assertThat(byHand).as("seed %d: %s", seed, json).isEqualTo(byJackson(json));
            }
        }
        assertThat(read).as("seed %d", seed).isBetween(2_000, 18_000);
    }

    private static Order byJackson(String json) {
        try (JsonParser parser = new ExactNumbers(JsonMappers.STRICT.createParser(json))) {
            return JsonMappers.STRICT.readValue(parser, Order.class);
        }
    }

    private static <T> @Nullable T byHand(String json, Class<T> type) {
        return RecordShape.readOrNull(Message.json(json).scan(), type);
    }

    private static Order order(Random random) {
        String text = RecordShapeTest.random(random).zeta();
        String plain = JsonText.hasHalfPair(text) ? "" : text;
        List<Item> items = listOf(
                random,
                6,
                () -> new Item(
                        random.nextLong() >> random.nextInt(6, 64), plain, number(random), random.nextBoolean()));
        return new Order(
                items,
                new Place(plain, random.nextInt()),
                listOf(random, 3, () -> plain),
                listOf(random, 5, () -> number(random)),
                listOf(random, 3, () -> listOf(random, 3, random::nextInt)),
                random.nextLong() >> random.nextInt(6, 64));
    }

    private static double number(Random random) {
        double number = random.nextBoolean() ? random.nextInt(100_000) / 100.0 : random.nextGaussian() * 1e12;
        return number == 0 ? 1 : number;
    }

    private static <T> List<T> listOf(Random random, int bound, Supplier<T> element) {
        return Stream.generate(element).limit(random.nextInt(bound)).toList();
    }

    private static JsonNode shuffled(JsonNode node, Random random) {
        if (node.isArray()) {
            ArrayNode copy = JsonMappers.STRICT.createArrayNode();
            node.forEach(each -> copy.add(shuffled(each, random)));
            return copy;
        }
        if (!node.isObject()) {
            return node;
        }
        var names = new ArrayList<>(node.propertyNames());
        Collections.shuffle(names, random);
        ObjectNode copy = JsonMappers.STRICT.createObjectNode();
        names.forEach(name -> {
            copy.set(name, shuffled(node.get(name), random));
            copy.set(name + "2", node.get(name));
        });
        return copy;
    }

    private static String withOther(JsonNode tree, String other, Random random) {
        var mark = "mark-of-the-other";
        var places = new ArrayList<Runnable>();
        collectPlaces(tree, mark, places);
        places.get(random.nextInt(places.size())).run();
        return JsonMappers.STRICT.writeValueAsString(tree).replace('"' + mark + '"', other);
    }

    private static void collectPlaces(JsonNode node, String mark, List<Runnable> places) {
        if (node instanceof ObjectNode object) {
            object.forEachEntry((name, value) -> {
                places.add(() -> object.put(name, mark));
                places.add(() -> object.put("other", mark));
                collectPlaces(value, mark, places);
            });
            places.add(() -> object.remove(object.propertyNames().iterator().next()));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int index = i;
                places.add(() -> array.set(index, StringNode.valueOf(mark)));
                collectPlaces(array.get(i), mark, places);
            }
            places.add(() -> array.add(mark));
        }
    }

    @Test
    void aListThatThrowsIsToldAsJacksonTellsIt() {
        var odd = new AbstractList<String>() {
            @Override
            public String get(int index) {
                throw new IllegalStateException("lazy");
            }

            @Override
            public int size() {
                return 2;
            }
        };
        var value = new Order(List.of(), new Place("", 0), odd, List.of(), List.of(), 1L);
        assertThatThrownBy(() -> Message.ofValue(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tags[0]: lazy");
    }

    /** A list may declare another type than it has, and may contain null. */
    @Test
    @SuppressWarnings({"unchecked", "rawtypes", "NullAway"}) // as a handler without such checks may do
    void anythingInAListIsWrittenAsJacksonWritesIt() {
        for (List<?> odd : List.of(List.of(1), List.of(List.of()), List.of(Double.NaN))) {
            var value = new Order(List.of(), new Place("", 0), (List) odd, List.of(), List.of(), 1L);
            assertThatThrownBy(() -> Message.ofValue(value)).isInstanceOf(IllegalArgumentException.class);
        }
        var value = new Order(
                Collections.singletonList(null),
                null,
                Arrays.asList("a", null),
                List.of(),
                List.of(Arrays.asList(1, null)),
                null);
        assertThat(Message.ofValue(value).text()).isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
        assertThat(RecordShape.writeOrNull(value)).isNotNull();
    }

    @Test
    void aLongListIsWrittenInPieces() {
        var items = new ArrayList<Item>();
        for (int i = 0; i < 20_000; i++) {
            items.add(new Item(i, "name \u00e4 " + i, i / 4.0, i % 2 == 0));
        }
        var value = new Order(items, new Place("x", 1), List.of("y".repeat(5_000)), List.of(), List.of(), 1L);
        Message message = Message.ofValue(value);
        assertThat(message.text()).isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
        assertThat(message.as(Order.class)).isEqualTo(value);
    }
}
