package dev.parley.tests.docs;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import dev.parley.Action;
import dev.parley.Codec;
import dev.parley.Message;
import tools.jackson.core.type.TypeReference;
import tools.jackson.dataformat.cbor.CBORMapper;

/** The programs of docs/recipes/formats.md, whose libraries only the tests have. */
public final class FormatsRecipe {
    private FormatsRecipe() {}

    /** A place. */
    public record Point(int x, int y) {}

    /** Returns the action of the recipe for CBOR. */
    public static Action<Point, Point> cbor() {
        Codec<Point> points = Codec.binary(new TypeReference<Point>() {}, new CBORMapper(), "application/cbor");
        Action<Point, Point> mirror = Action.of("mirror", points, points);
        return mirror;
    }

    /** The codec of the recipe for Protobuf. */
    public record Protobuf<T extends MessageLite>(T example) implements Codec<T> {
        @Override
        public Message write(T value) {
            return Message.binary("application/x-protobuf", value.toByteArray());
        }

        @Override
        @SuppressWarnings("unchecked") // a parser makes messages of its own type
        public T read(Message message) throws InvalidProtocolBufferException {
            return (T) example.getParserForType().parseFrom(message.content());
        }

        @Override
        public String toString() {
            return example.getClass().getSimpleName(); // error messages name it
        }
    }

    /** Returns the action of the recipe for Protobuf. */
    public static Action<StringValue, StringValue> protobuf() {
        var texts = new Protobuf<>(StringValue.getDefaultInstance());
        Action<StringValue, StringValue> shout = Action.of("shout", texts, texts);
        return shout;
    }
}
