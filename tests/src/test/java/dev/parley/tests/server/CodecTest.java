package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.google.protobuf.StringValue;
import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Codec;
import dev.parley.ContentException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.Address;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.docs.FormatsRecipe;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORMapper;

/**
 * Tests actions whose questions and answers are generic, empty, of the application's own mapper, or in another format.
 */
@Timeout(120)
class CodecTest {
    /** A value with a component whose name has several words. */
    public record Item(String itemName, int amount) {
        /** Refuses values that no item can have. */
        public Item {
            if (amount < 0) {
                throw new IllegalArgumentException("amount is " + amount + "; it must be 0 or more");
            }
        }
    }

    /** A part of a list. */
    public record Page<T>(List<T> items, int next) {}

    /** A value of several types, which the JSON names. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({@JsonSubTypes.Type(Circle.class), @JsonSubTypes.Type(Square.class)})
    public sealed interface Shape permits Circle, Square {}

    /** One of them. */
    public record Circle(int radius) implements Shape {}

    /** The other one. */
    public record Square(int side) implements Shape {}

    /** A value of several types, whose names in JSON are not declared. */
    public sealed interface Unnamed permits Only {}

    /** The only one of them. */
    public record Only(int x) implements Unnamed {}

    private static final JsonMapper SNAKE = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private static final Codec<StringValue> PROTOBUF = new FormatsRecipe.Protobuf<>(StringValue.getDefaultInstance());
    private static final TypeReference<Item> ITEM = new TypeReference<>() {};
    private static final TypeReference<Page<Item>> PAGE = new TypeReference<>() {};
    private static final TypeReference<List<Shape>> SHAPES = new TypeReference<>() {};

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Client client(ServerBuilder settings) throws IOException {
        Server server = bed.keep(settings.listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        return bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .retries(false)
                .connect());
    }

    @Test
    void genericTypesKeepTheirElements() throws Exception {
        Action<List<Item>, Page<Item>> page =
                Action.of("page", Codec.of(new TypeReference<List<Item>>() {}), Codec.of(PAGE));
        Action<Map<String, List<Item>>, List<Shape>> shapes =
                Action.of("shapes", Codec.of(new TypeReference<>() {}), Codec.of(SHAPES));
        Client client = client(bed.server()
                .on(page, items -> new Page<>(items, items.getFirst().amount()))
                .onLoop(
                        shapes,
                        all -> List.of(
                                new Circle(Objects.requireNonNull(all.get("a"))
                                        .getFirst()
                                        .amount()),
                                new Square(2))));
        var items = List.of(new Item("a", 7), new Item("b", 8));
        assertThat(client.call(page, items)).isEqualTo(new Page<>(items, 7));
        assertThat(client.call(shapes, Map.of("a", items))).containsExactly(new Circle(7), new Square(2));
        assertThat(page).hasToString("page(List<Item>): Page<Item>");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("page", Message.json("[{\"itemName\": \"a\"}]")))
                .withMessageContaining("[0].amount: it is required, but is missing");
    }

    @Test
    @SuppressWarnings("NullAway") // an action of Void.class does not say that its value is null; Codec.nothing() does
    void noContentIsNull() throws Exception {
        Action<Void, Integer> count = Action.of("count", Void.class, Integer.class);
        Action<String, Void> put = Action.of("put", String.class, Void.class);
        Action<Void, Void> both = Action.of("both", Void.class, Void.class);
        Action<Void, Integer> numbers = Action.of("numbers", Void.class, Integer.class);
        Client client = client(bed.server()
                .on(count, nothing -> 3)
                .on(put, text -> null)
                .onLoop(both, nothing -> null)
                .onStream(numbers, (nothing, out) -> {
                    out.send(1);
                    out.send(2);
                }));
        assertThat(client.call(count, null)).isEqualTo(3);
        assertThat(client.call(put, "x")).isNull();
        assertThat(client.call(both, null)).isNull();
        try (InStream<Integer> stream = client.stream(numbers, null)) {
            assertThat(stream).containsExactly(1, 2);
        }
        assertThat(client.call("count", Message.json("{\"action\": \"count\"}")).text())
                .isEqualTo("3");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("count", Message.json("[1]")))
                .withMessageContaining("the content must be empty here");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("count", Message.text("x")))
                .withMessageContaining("the content must be empty here");
    }

    @Test
    void aMapperOfTheApplicationNamesTheMembers() throws Exception {
        Action<Item, Item> put = Action.of("put", Codec.of(Item.class, SNAKE), Codec.of(ITEM, SNAKE));
        Client client = client(bed.server().on(put, item -> item));
        assertThat(client.call(put, new Item("a", 1))).isEqualTo(new Item("a", 1));
        assertThat(client.call("put", Message.json("{\"item_name\": \"b\", \"amount\": 2}"))
                        .text())
                .isEqualTo("{\"item_name\":\"b\",\"amount\":2}");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("put", Message.json("{\"amount\": 1, \"amount\": 2}")))
                .withMessageContaining("an object has the same name twice");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("put", Message.json("null")))
                .withMessageContaining("null is not allowed");
    }

    @Test
    void anotherFormatHasItsContentType() throws Exception {
        ObjectMapper cbor = new CBORMapper();
        Codec<Item> items = Codec.binary(ITEM, cbor, "application/cbor");
        Action<Item, Item> put = Action.of("put", items, items);
        Client client = client(bed.server().on(put, item -> new Item(item.itemName() + "!", item.amount())));
        assertThat(client.call(put, new Item("a", 1))).isEqualTo(new Item("a!", 1));
        Message sent = items.write(new Item("a", 1));
        assertThat(sent.header().contentType()).isEqualTo("application/cbor");
        assertThat(sent.content()).isEqualTo(cbor.writeValueAsBytes(new Item("a", 1)));
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("put", Message.json("{}")))
                .satisfies(e -> assertThat(e.code()).isEqualTo("unsupported-type"))
                .withMessageContaining("the content must have the content-type application/cbor here");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("put", Message.binary("application/cbor", new byte[] {(byte) 0xff, 1})))
                .satisfies(e -> assertThat(e.code()).isEqualTo("bad-content"));
        for (String json : List.of("text/json", "application/json")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Codec.binary(ITEM, cbor, json))
                    .withMessage("'" + json + "' stands for JSON; use Codec.of(…)");
        }
        assertThat(Codec.binary(ITEM, cbor, "text/csv")).hasToString("Item");
        assertThatIllegalArgumentException().isThrownBy(() -> Codec.binary(ITEM, cbor, ""));
    }

    @Test
    void aCodecOfTheApplicationIsUsedEverywhere() throws Exception {
        Action<StringValue, StringValue> echo = Action.of("echo", PROTOBUF, PROTOBUF);
        Action<StringValue, StringValue> all = Action.of("all", PROTOBUF, PROTOBUF);
        Client client = client(bed.server().onLoop(echo, text -> text).onStream(all, (text, out) -> {
            out.send(text);
            out.send(StringValue.getDefaultInstance()); // no bytes at all
        }));
        assertThat(client.call(echo, StringValue.of("hello")).getValue()).isEqualTo("hello");
        assertThat(client.call(echo, StringValue.getDefaultInstance()).getValue())
                .isEmpty();
        assertThat(client.stream(all, StringValue.of("x"))).hasSize(2);
        assertThat(client.stream(all, StringValue.getDefaultInstance())).hasSize(2);
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("echo", Message.binary("application/x-protobuf", new byte[] {10, 100})))
                .satisfies(e -> assertThat(e.code()).isEqualTo("bad-content"))
                .withMessageContaining("the content is not what the type StringValue is read from");
    }

    /** The faults of a codec. */
    enum Fault {
        WRITE_THROWS,
        WRITE_NULL,
        READ_THROWS,
        READ_NULL,
        READ_REFUSES
    }

    @SuppressWarnings("NullAway") // a codec returns null although it must not
    private static Codec<String> broken(Fault fault) {
        return new Codec<>() {
            @Override
            public Message write(String value) throws Exception {
                if (fault == Fault.WRITE_THROWS) {
                    throw new IOException("its own");
                }
                return fault == Fault.WRITE_NULL ? null : Message.text(value);
            }

            @Override
            public String read(Message message) throws Exception {
                return switch (fault) {
                    case READ_THROWS -> throw new IOException("its own");
                    case READ_REFUSES -> throw ContentException.of("only capitals are read here", null);
                    case READ_NULL -> null;
                    default -> message.text();
                };
            }

            @Override
            public String toString() {
                return "Broken";
            }
        };
    }

    @Test
    void aBrokenCodecConcernsOnlyItsCall() throws Exception {
        for (Fault fault : Fault.values()) {
            Codec<String> good = Codec.of(String.class);
            Action<String, String> question = Action.of("question", broken(fault), good);
            Action<String, String> answer = Action.of("answer", good, broken(fault));
            Action<String, String> fine = Action.of("fine", String.class, String.class);
            Client client = client(bed.server()
                    .on(question, text -> text)
                    .on(answer, text -> text)
                    .on(fine, text -> text));
            switch (fault) {
                case WRITE_THROWS, WRITE_NULL -> {
                    assertThatThrownBy(() -> client.call(question, "x"))
                            .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
                            .hasMessageContaining("type Broken");
                    assertRefused(client, "answer", "internal", Message.json("\"x\""));
                }
                case READ_THROWS, READ_REFUSES -> {
                    assertRefused(client, "question", "bad-content", Message.text("x"));
                    assertThatExceptionOfType(ContentException.class)
                            .isThrownBy(() -> client.call(answer, "x"))
                            .withMessageContaining("answered 'answer', but not with Broken");
                }
                case READ_NULL -> {
                    assertRefused(client, "question", "internal", Message.text("x"));
                    assertThatThrownBy(() -> client.call(answer, "x")).hasMessageContaining("type Broken read null");
                }
            }
            assertThat(client.call(fine, "still there")).isEqualTo("still there");
            boolean isOfServer = fault != Fault.READ_THROWS && fault != Fault.READ_REFUSES;
            assertThat(bed.census().takeFailures()).hasSize(isOfServer ? 1 : 0);
        }
    }

    private static void assertRefused(Client client, String action, String code, Message request) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call(action, request))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theCheckOfARecordSaysWhatItRefuses() throws Exception {
        Action<Page<Item>, Integer> count = Action.of("count", Codec.of(PAGE), Codec.of(Integer.class));
        Action<Item, Integer> one = Action.of("one", Item.class, Integer.class);
        Client client =
                client(bed.server().on(count, page -> page.items().size()).on(one, Item::amount));
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("one", Message.json("{\"itemName\": \"a\", \"amount\": -1}")))
                .withMessageContaining("the content does not fit: amount is -1; it must be 0 or more");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call(
                        "count", Message.json("{\"next\": 1, \"items\": [{\"itemName\": \"a\", \"amount\": -1}]}")))
                .withMessageContaining("items[0]: amount is -1; it must be 0 or more");
    }

    /** A type that cannot be read at all is a mistake of the server's own program, and not of its clients. */
    @Test
    void aClassWithTypeParametersIsRefusedWhenTheActionIsMade() {
        String wanted =
                "the class Page does not say its type parameters; write Codec.of(new TypeReference<Page<…>>() {})";
        assertThatThrownBy(() -> Action.of("page", String.class, Page.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(wanted);
        assertThatThrownBy(() -> Codec.of(Page.class, new JsonMapper())).hasMessageContaining(wanted);
        assertThatThrownBy(() -> Codec.of(Map.class))
                .hasMessageContaining(
                        "the class Map does not say its type parameters; write Codec.of(new TypeReference<Map<…, …>>()");
    }

    private static <T> Codec<Page<T>> pages() {
        return Codec.of(new TypeReference<Page<T>>() {});
    }

    private static <T> Codec<List<? extends T[]>> arrays() {
        return Codec.binary(new TypeReference<List<? extends T[]>>() {}, new JsonMapper(), "application/x-own");
    }

    /** The compiler erases what the variable stands for, so the values would be maps. */
    @Test
    void aTypeVariableIsRefused() {
        assertThatThrownBy(CodecTest::<String>pages)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not know what T stands for");
        assertThatThrownBy(CodecTest::<String>arrays).hasMessageContaining("does not know what T stands for");
    }

    @Test
    void aTypeThatCannotBeReadIsAMistakeOfItsProgram() throws Exception {
        Action<Unnamed, Integer> wrong = Action.of("wrong", Unnamed.class, Integer.class);
        Client client = client(bed.server().on(wrong, value -> 1));
        assertRefused(client, "wrong", "internal", Message.json("{\"x\": 1}"));
        assertThat(bed.census().takeFailures())
                .singleElement()
                .asString()
                .contains("the handler of 'wrong'", "the type Unnamed cannot be read from content");
    }

    /** Reads nothing at all, by mistake. */
    private static final class Forgetful implements Codec<String> {
        @Override
        public Message write(String value) {
            return Message.text(value);
        }

        @Override
        @SuppressWarnings("NullAway") // the mistake
        public String read(Message message) {
            return null;
        }
    }

    @Test
    void aCodecThatReadsNullIsNamedWithTheActionAndTheServer() throws Exception {
        Server server = bed.listen(bed.server().on("echo", request -> request));
        Client client = bed.client(server.address());
        Action<String, String> echo = Action.of("echo", Codec.of(String.class), new Forgetful());
        assertThatThrownBy(() -> client.call(echo, "x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(server.address() + " answered 'echo', but this program cannot read the answer: ")
                .hasMessageContaining("read null");
    }

    @Test
    void whatIsNotTheOtherFormatIsNamedByItsType() throws Exception {
        Action<Item, Item> cbor = Action.of(
                "cbor",
                Codec.binary(ITEM, new CBORMapper(), "application/cbor"),
                Codec.binary(ITEM, new CBORMapper(), "application/cbor"));
        Client client =
                bed.client(bed.listen(bed.server().on(cbor, item -> item)).address());
        byte[] whole = new CBORMapper().writeValueAsBytes(new Item("tea", 1));
        for (byte[] broken : List.of(new byte[] {(byte) 0xff, 1, 2}, Arrays.copyOf(whole, whole.length - 1))) {
            assertThatThrownBy(() -> client.call("cbor", Message.binary("application/cbor", broken)))
                    .hasMessageContaining("the content is not one value of application/cbor");
        }
        assertThatThrownBy(() -> client.call(
                        "cbor",
                        Message.binary(
                                "application/cbor",
                                new CBORMapper().writeValueAsBytes(Map.of("itemName", "x", "amount", -1)))))
                .hasMessageContaining("amount is -1; it must be 0 or more");
    }
}
