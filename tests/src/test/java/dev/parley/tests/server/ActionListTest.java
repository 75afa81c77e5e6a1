package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.parley.Action;
import dev.parley.Authorizer;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Codec;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.Address;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Tests the built-in action that lists the actions of a server, and the command that shows it. */
@Timeout(120)
class ActionListTest {
    /** A nested record. */
    public record Item(String name, Size size) {}

    /** An enum. */
    public enum Size {
        SMALL,
        LARGE;

        @Override
        public String toString() {
            return "a size";
        }
    }

    /** A record with an optional part. */
    public record Order(List<Item> items, Optional<String> note) {}

    private static final Action<Order, Integer> BUY = Action.of("buy", Order.class, Integer.class);
    private static final Action<@Nullable Void, List<Item>> LIST =
            Action.of("list", Codec.nothing(), Codec.of(new TypeReference<List<Item>>() {}));
    private static final Action<String, Item> WATCH = Action.of("watch", String.class, Item.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Programs programs = new Programs();

    private Server server() throws Exception {
        return bed.keep(bed.server()
                .on(BUY, order -> order.items().size())
                .on(LIST, nothing -> List.of())
                .onStream(WATCH, (what, out) -> {})
                .onLoop("raw", request -> request)
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
    }

    @Test
    void itNamesActionsKindsAndFields() throws Exception {
        Client client = bed.client(server().address());
        String list = client.call("parley.actions", Message.json("{}")).text();
        assertThat(list)
                .contains("{\"name\":\"buy\",\"kind\":\"call\",\"question\":\"Order\",\"answer\":\"Integer\"}")
                .contains("{\"name\":\"list\",\"kind\":\"call\",\"question\":\"nothing\",\"answer\":\"List<Item>\"}")
                .contains("{\"name\":\"watch\",\"kind\":\"stream\",\"question\":\"String\",\"answer\":\"Item\"}")
                .contains("\"Order\":{\"items\":\"List<Item>\",\"note\":\"Optional<String>?\"}")
                .contains("\"Size\":[\"SMALL\",\"LARGE\"]");
    }

    /** Two records of different classes, whose simple names are the same. */
    static final class Other {
        enum Size {
            WIDE
        }

        record Item(Other.Size size, List<Other.Item> parts) {}
    }

    @Test
    void typesOfTheSameSimpleNameAreNotMixedUp() throws Exception {
        Action<Other.Item, Item> turn = Action.of("turn", Other.Item.class, Item.class);
        Server server = bed.listen(bed.server().on(BUY, order -> 1).on(turn, other -> new Item("part", Size.LARGE)));
        String list = bed.client(server.address())
                .call("parley.actions", Message.json("{}"))
                .text();
        String other = Other.Item.class.getName();
        assertThat(list)
                .contains("{\"name\":\"turn\",\"kind\":\"call\",\"question\":\"" + other + "\",\"answer\":\"Item\"}")
                .contains("\"Order\":{\"items\":\"List<Item>\",\"note\":\"Optional<String>?\"}")
                .contains("\"Size\":[\"SMALL\",\"LARGE\"]")
                .contains("\"" + other + "\":{\"size\":\"" + Other.Size.class.getName() + "\",\"parts\":\"List<" + other
                        + ">\"}")
                .contains("\"" + Other.Size.class.getName() + "\":[\"WIDE\"]");
    }

    @Test
    void theCommandShowsIt() throws Exception {
        var shown = programs.parley("actions", server().address().toString());
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out()).isEqualTo("""
                        buy(Order): Integer
                        list(nothing): List<Item>
                        raw(Message): Message
                        watch(String): Item  [stream]
                          Item: name String, size Size
                          Order: items List<Item>, note Optional<String>?
                          Size: one of SMALL, LARGE
                        """);
    }

    @Test
    void itCompletesTheErrorsOfACall() throws Exception {
        String address = server().address().toString();
        var withoutAction = programs.parley("call", address);
        assertThat(withoutAction.exitCode()).isEqualTo(2);
        assertThat(withoutAction.err())
                .isEqualTo("parley: ACTION is missing; " + address + " has buy(Order): Integer, list(nothing):"
                        + " List<Item>, raw(Message): Message, watch(String): Item; see 'parley call --help'\n");

        var unfit = programs.parley("call", address, "buy", "{\"items\": 1}");
        assertThat(unfit.exitCode()).isEqualTo(1);
        assertThat(unfit.err())
                .contains("answered bad-content to 'buy'")
                .endsWith("; 'buy' takes Order: items List<Item>, note Optional<String>?\n");

        var plainType = programs.parley("call", address, "watch", "{}", "--stream");
        assertThat(plainType.exitCode()).isEqualTo(1);
        assertThat(plainType.err()).contains("answered bad-content").doesNotContain(" takes ");
    }

    @Test
    void credentialsOfACallAreThoseOfItsErrorsToo() throws Exception {
        Server server = bed.keep(bed.server()
                .authorization(Authorizer.byCredentials(shown -> shown.equals("Bearer ann") ? () -> "ann" : null))
                .on(BUY, order -> order.items().size())
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        String address = server.address().toString();
        assertThat(programs.parley("call", address).err()).contains("ACTION is missing; for example: parley call");
        assertThat(programs.parley("call", address, "buy", "{}", "--header", "authorization=Bearer ann")
                        .err())
                .contains("'buy' takes Order: items");
    }

    @Test
    void oneWithoutCredentialsLearnsNothing() throws Exception {
        Server server = bed.keep(bed.server()
                .authorization(Authorizer.byCredentials(shown -> shown.equals("Bearer ann") ? () -> "ann" : null))
                .on(BUY, order -> order.items().size())
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        Client client = bed.client(server.address());
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> client.call("parley.actions", Message.json("{}")))
                .satisfies(e -> assertThat(e.code()).isEqualTo("unauthorized"));
        var ann = CallOptions.DEFAULT.withHeader("authorization", "Bearer ann");
        assertThat(client.call("parley.actions", Message.json("{}"), ann).text())
                .contains("buy");
    }

    @Test
    void namesOfTheServersOwnAreReserved() {
        assertThatIllegalArgumentException().isThrownBy(() -> Server.builder().on("parley.mine", request -> request));
    }

    @Test
    void aHandlerThatIsRefusedLeavesNothingBehind() throws Exception {
        ServerBuilder settings = bed.server().on("raw", request -> Message.text("the first"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.on("raw", request -> Message.text("the second")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.onStream(Action.of("raw", String.class, Item.class), (what, out) -> {}));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.on("no name", request -> request));
        assertThatIllegalArgumentException().isThrownBy(() -> settings.on("parley.own", request -> request));
        Client client = bed.client(bed.listen(settings).address());
        assertThat(client.call("raw", Message.text("")).text()).isEqualTo("the first");
        assertThat(client.call("parley.actions", Message.json("{}")).text())
                .contains("{\"name\":\"raw\",\"kind\":\"call\",\"question\":\"Message\",\"answer\":\"Message\"}")
                .doesNotContain("no name", "parley.own", "Item");
    }

    /** Whose names in JSON are not those of the program. */
    public record Person(@JsonProperty("first_name") String firstName, Kind kindOfPerson) {}

    /** Its constants too. */
    public enum Kind {
        @JsonProperty("grown-up")
        ADULT,
        CHILD
    }

    /** Otherwise a caller would write what the list says, and be refused. */
    @Test
    void namesAreThoseOfTheContent() throws Exception {
        JsonMapper snake = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        Action<Person, Person> plain = Action.of("a-plain", Person.class, Person.class);
        Action<Person, Person> named = Action.of("named", Codec.of(Person.class, snake), Codec.of(Person.class, snake));
        Client client =
                bed.client(bed.listen(bed.server().on(plain, person -> person).on(named, person -> person))
                        .address());
        String list = client.call("parley.actions", Message.json("{}")).text();
        String other = Person.class.getName();
        assertThat(list)
                .contains("\"name\":\"a-plain\",\"kind\":\"call\",\"question\":\"Person\"")
                .contains("\"Person\":{\"first_name\":\"String\",\"kindOfPerson\":\"Kind\"}")
                .contains("\"name\":\"named\",\"kind\":\"call\",\"question\":\"" + other + "\"")
                .contains("\"" + other + "\":{\"first_name\":\"String\",\"kind_of_person\":\"Kind\"}")
                .contains("\"Kind\":[\"grown-up\",\"CHILD\"]");
        assertThat(client.call("named", Message.json("{\"first_name\": \"Ann\", \"kind_of_person\": \"grown-up\"}"))
                        .text())
                .contains("Ann");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() ->
                        client.call("a-plain", Message.json("{\"first_name\": \"Ann\", \"kindOfPerson\": \"ADULT\"}")))
                .withMessageContaining("kindOfPerson: expected one of grown-up, CHILD");
    }
}
