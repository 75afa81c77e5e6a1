package dev.parley.tests.docs;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Codec;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.docs.ErrorsPageTest.Situation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Causes the errors of a message, its header, its content, its action, and the records behind it. */
final class MessageErrors {
    record Item(String name, int count) {}

    record Order(String buyer, List<Item> items, @Nullable String note) {}

    record Receipt(String number, int total) {}

    private static final Action<Order, Receipt> ORDER = Action.of("order", Order.class, Receipt.class);
    private static final Order ONE_CUP = new Order("Ada", List.of(new Item("cup", 1)), null);
    private static final int MEBIBYTE = 1024 * 1024;

    private MessageErrors() {}

    static void addTo(Map<String, Situation> all) {
        all.put("The header is too large", MessageErrors::headerTooLarge);
        all.put("The header is not JSON", MessageErrors::headerNoJson);
        all.put("The header lacks a key", MessageErrors::missingKey);
        all.put("A message that is not completed", MessageErrors::halfAMessage);
        all.put("The content is too large", MessageErrors::contentTooLarge);
        all.put("The content is not JSON", MessageErrors::contentNoJson);
        all.put("The content is of another type", MessageErrors::otherType);
        all.put("The action does not exist", MessageErrors::unknownAction);
        all.put("The action is misspelled", MessageErrors::misspeltAction);
        all.put("The request names no action", MessageErrors::noAction);
        all.put("An action that is not a name", MessageErrors::badAction);
        all.put("A component of a record is missing", MessageErrors::missingComponent);
        all.put("A component of a record has another type", MessageErrors::wrongType);
        all.put("A member that the record does not have", MessageErrors::unknownMember);
        all.put("The answer does not fit the client's record", MessageErrors::answerDoesNotFit);
        all.put("A value that cannot be JSON", MessageErrors::notJson);
    }

    private static Server shop(ErrorStage stage) throws IOException {
        return stage.server(handlers -> handlers.on(
                        ORDER, order -> new Receipt("A1", order.items().size()))
                .on("search", request -> request)
                .on("stock.count", request -> request));
    }

    private static byte[] framed(int length, String header) {
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) length)
                .put(bytes)
                .array();
    }

    private static byte[] framed(String header) {
        return framed(header.length(), header);
    }

    private static void headerTooLarge(ErrorStage stage) throws IOException {
        Server server = shop(stage);
        MessagePeer peer = stage.peer(server);
        peer.raw.send(framed(9_000, "{\"byteorder\": \"little\""));
        stage.answered(peer.receive());
        Client client = stage.client(server);
        Message small = Message.json("{\"q\": 1}");
        stage.thrown(() -> client.call(
                "search", small.with("note", "x".repeat(70_000)), CallOptions.timeout(Duration.ofSeconds(20))));
    }

    private static void headerNoJson(ErrorStage stage) throws IOException {
        MessagePeer peer = stage.peer(shop(stage));
        peer.raw.send(framed("{'byteorder': 'little'}"));
        stage.answered(peer.receive());
    }

    private static void missingKey(ErrorStage stage) throws IOException {
        MessagePeer peer = stage.peer(shop(stage));
        peer.raw.send(framed("{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-length\": 2}"));
        stage.answered(peer.receive());
    }

    private static void halfAMessage(ErrorStage stage) throws IOException {
        MessageLimits all = MessageLimits.DEFAULT;
        MessageLimits limits = all.withTimeouts(Duration.ofMillis(100), all.contentTimeout());
        Server server =
                stage.server(handlers -> handlers.otherwise(request -> request).limits(limits));
        MessagePeer peer = stage.peer(server);
        peer.raw.send(framed(100, "{\"byteorder\": \"little\""));
        stage.answered(peer.receive());
    }

    private static void contentTooLarge(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        stage.thrown(() -> client.call("search", Message.binary("image/png", new byte[MEBIBYTE + 1])));
    }

    private static void contentNoJson(ErrorStage stage) throws IOException {
        Server server = shop(stage);
        MessagePeer peer = stage.peer(server);
        peer.send(MessagePeer.request(1, "order", Message.json("{'buyer': 'Ada'}")));
        stage.answered(peer.receive());
        peer.send(MessagePeer.request(2, "order", Message.json("")));
        stage.answered(peer.receive());
        stage.command("call", server.address().toString(), "order", "{'buyer': 'Ada'}");
    }

    private static void otherType(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        stage.thrown(() -> client.call("order", Message.text("two cups, please")));
    }

    private static void unknownAction(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        stage.thrown(() -> client.call("refund", Message.json("{\"number\": \"A1\"}")));
    }

    private static void misspeltAction(ErrorStage stage) throws IOException {
        Server server = shop(stage);
        Client client = stage.client(server);
        stage.thrown(() -> client.call("serch", Message.json("{\"value\": \"cup\"}")));
        stage.command("call", server.address().toString(), "stock.cuont");
    }

    private static void noAction(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        stage.thrown(() -> client.call(Message.json("{\"value\": \"cup\"}")));
    }

    private static void badAction(ErrorStage stage) {
        stage.thrown(() -> Action.of("place order", Order.class, Receipt.class));
        stage.command("call", "tcp://localhost:65432", "place order");
    }

    private static void missingComponent(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        stage.thrown(() -> client.call("order", Message.json("{\"buyer\": \"Ada\"}")));
        stage.thrown(() -> client.call("order", Message.json("{\"buyer\": null, \"items\": []}")));
        stage.thrown(
                () -> client.call("order", Message.json("{\"buyer\": \"Ada\", \"items\": [{\"name\": \"cup\"}]}")));
        stage.thrown(() -> client.call("order", Message.json("{\"byuer\": \"Ada\", \"items\": []}")));
    }

    private static void wrongType(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        for (String items :
                List.of("3", "[3]", "[{\"name\": 3, \"count\": 1}]", "[{\"name\": \"cup\", \"count\": \"1\"}]")) {
            stage.thrown(() -> client.call("order", Message.json("{\"buyer\": \"Ada\", \"items\": " + items + "}")));
        }
    }

    private static void unknownMember(ErrorStage stage) throws IOException {
        Client client = stage.client(shop(stage));
        stage.answered(client.call("order", Message.json("{\"buyer\": \"Ada\", \"items\": [], \"colour\": \"blue\"}")));
    }

    private static void answerDoesNotFit(ErrorStage stage) throws IOException {
        Server older = stage.server(
                handlers -> handlers.on("order", request -> Message.json("{\"number\": \"A1\", \"sum\": 3}")));
        Client client = stage.client(older);
        stage.thrown(() -> client.call(ORDER, ONE_CUP));
    }

    private static void notJson(ErrorStage stage) throws IOException {
        var itself = new ArrayList<Object>(IntStream.range(0, 1).boxed().toList());
        itself.add(itself);
        stage.thrown(() -> Message.ofValue(itself));
        var list = Codec.of(new TypeReference<List<Object>>() {});
        Server server = stage.server(
                handlers -> handlers.on(Action.of("loop", Codec.of(Message.class), list), request -> itself));
        Client client = stage.client(server);
        stage.thrown(() -> client.call("loop", Message.json("[1]")));
        stage.logged(1);
    }
}
