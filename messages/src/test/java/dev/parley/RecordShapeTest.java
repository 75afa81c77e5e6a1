package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.parley.frame.JoinedBytes;
import dev.parley.frame.JsonText;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What is read and written by hand is what Jackson reads and writes. */
class RecordShapeTest {
    record Mixed(String zeta, int count, long big, boolean alpha) {}

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    record Sized(String text, byte[] bytes, double price, long id) {}

    record Checked(int sides) {
        Checked {
            if (sides < 1) {
                throw new IllegalArgumentException("sides");
            }
        }
    }

    record MayBeNull(@Nullable String text) {}

    record Item(long id, String name, double price, boolean active) {}

    record Place(String city, int number) {}

    record Order(
            List<Item> items,
            Place place,
            List<String> tags,
            List<Double> weights,
            List<List<Integer>> grid,
            Long sum) {}

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

    record Plain(int x) implements Comparable<Plain> {
        @Override
        public int compareTo(Plain other) {
            return Integer.compare(x, other.x);
        }
    }

    private static Mixed random(Random random) {
        var text = new StringBuilder();
        for (int left = random.nextInt(20); left > 0; left--) {
            text.appendCodePoint(
                    switch (random.nextInt(8)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> "\"\\/\u007f\u2028\u00e9".charAt(random.nextInt(6));
                        case 2 -> 0x1f430;
                        case 3 -> 0xd800 + random.nextInt(0x800);
                        default -> ' ' + random.nextInt(0x5f);
                    });
        }
        return new Mixed(text.toString(), random.nextInt(), random.nextLong(), random.nextBoolean());
    }

    @Test
    void writesWhatJacksonWrites() {
        var random = new Random(11);
        int written = 0;
        for (int i = 0; i < 20_000; i++) {
            Mixed value = random(random);
            if (RecordShape.writeOrNull(value) != null) {
                written++;
                assertThat(Message.ofValue(value).text())
                        .as("seed 11, round %d", i)
                        .isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
            }
        }
        assertThat(written).isGreaterThan(2_000);
    }

    @Test
    void readsWhatJacksonReads() {
        var random = new Random(12);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            Mixed value = new Mixed(
                    "v" + random.nextInt(), random.nextInt() >>> random.nextInt(32), random.nextLong() >>> 1, true);
            String json = "{\"alpha\": %b, \"zeta\":\"%s\", \"big\": %d, \"more\": 1, \"count\":%d}"
                    .formatted(value.alpha, value.zeta, value.big, value.count);
            Mixed byHand = RecordShape.readOrNull(Message.json(json), Mixed.class);
            if (byHand != null) {
                read++;
                assertThat(byHand).as("seed 12, round %d", i).isEqualTo(value);
            }
            assertThat(Message.json(json).as(Mixed.class)).isEqualTo(value);
        }
        assertThat(read).isGreaterThan(2_000);
    }

    /** Of every size, with what must be escaped and what lies beyond ASCII: by a scan, and never by Jackson alone. */
    @Test
    void longOnesComeBackAsTheyWent() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        int byHand = 0;
        for (int i = 0; i < 400; i++) {
            Sized value = sized(random);
            Message message = Message.ofValue(value);
            String as = "seed " + seed + ", round " + i;
            assertThat(message.text()).as(as).isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
            assertThat(message.contentLength()).as(as).isEqualTo(message.content().length);
            assertSame(as, message.as(Sized.class), value);
            Message escaped = Message.json(asciiOnly(message.text()));
            assertSame(as, escaped.as(Sized.class), value);
            byHand += RecordShape.readOrNull(escaped.scan(), Sized.class) == null ? 0 : 1;
        }
        assertThat(byHand).as("seed %d", seed).isGreaterThan(300);
    }

    private static Sized sized(Random random) {
        String[] letters = {"a", "ä", "中", "😀", "\n", "\"", "\\", "\u0001", "/"};
        var text = new StringBuilder();
        int plain = 1 + random.nextInt(100);
        for (int left = random.nextInt(random.nextBoolean() ? 20 : 8_000); left > 0; left--) {
            text.append(random.nextInt(plain) == 0 ? letters[random.nextInt(letters.length)] : "b");
        }
        var bytes = new byte[random.nextInt(random.nextBoolean() ? 20 : 9_000)];
        random.nextBytes(bytes);
        double price = random.nextBoolean() ? random.nextInt(100_000) / 100.0 : random.nextDouble() * 1e9;
        return new Sized(text.toString(), bytes, price, random.nextLong() >> random.nextInt(64));
    }

    private static String asciiOnly(String json) {
        var ascii = new StringBuilder();
        json.chars().forEach(unit -> {
            if (unit < 0x80) {
                ascii.append((char) unit);
            } else {
                ascii.append(String.format("\\u%04x", unit));
            }
        });
        return ascii.toString();
    }

    private static void assertSame(String as, Sized read, Sized value) {
        assertThat(read.text).as(as).isEqualTo(value.text);
        assertThat(read.bytes).as(as).isEqualTo(value.bytes);
        assertThat(read.price).as(as).isEqualTo(value.price);
        assertThat(read.id).as(as).isEqualTo(value.id);
    }

    /** What the scan hands out must be what Jackson would have read, or nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"text\": \"a\", \"bytes\": \"AAA\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"AA==\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"AB==\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"A A=\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"A-_=\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"AA==AA==\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\\u0041AAA\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": [1], \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": 1, \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": null, \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": \"1\", \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": -0, \"id\": -0",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": -0.0, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1e400, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1e-400, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 0.1234567890123456789, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": true, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1.0",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1e2",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 9223372036854775807",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 9223372036854775808",
                "\"text\": \"\\ud800\", \"bytes\": \"\", \"price\": 1, \"id\": 1",
                "\"te\\u0078t\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1"
            })
    void theScanReadsWhatJacksonReadsOrNothing(String members) {
        Message message = Message.json("{" + members + "}");
        Sized byHand = RecordShape.readOrNull(message.scan(), Sized.class);
        if (byHand != null) {
            assertSame(members, byHand, JsonMappers.STRICT.readValue(message.content(), Sized.class));
        }
    }

    /** Lists and records inside, as Jackson writes them, with space between, in another order, and with others. */
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

    /** What a peer may send instead: a value of another type in some place, a member missing, a null, an escape. */
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
        String text = random(random).zeta();
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

    /** What stands at an interface of the record counts for Jackson as if it stood at the record. */
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

    /** A list may say another type than it has, and null may stand in it. */
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
