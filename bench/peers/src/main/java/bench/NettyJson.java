package bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages of a header and a content on Netty, with both bound and written by Jackson: what one would write without
 * Parley. Each content is parsed once, as its action is Jackson's type id. args: port epoll|io_uring|io_uring_br
 */
public final class NettyJson {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private NettyJson() {}

    public static void main(String[] args) throws InterruptedException {
        NettyServer.serve(args[0], args[1], Messages::new);
    }

    record Header(
            String byteorder,
            @JsonProperty("content-type") String contentType,
            @JsonProperty("content-encoding") String contentEncoding,
            @JsonProperty("content-length") int contentLength) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "action")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Echo.class, name = "echo"),
        @JsonSubTypes.Type(value = Text.class, name = "text"),
        @JsonSubTypes.Type(value = Bytes.class, name = "bytes"),
        @JsonSubTypes.Type(value = Items.class, name = "list")
    })
    sealed interface Question {}

    record Echo(JsonNode value) implements Question {}

    record Text(String text) implements Question {}

    record Bytes(byte[] data) implements Question {}

    record Items(List<Item> items) implements Question {}

    record Item(long id, String name, double price, boolean active) {}

    // Without the action.

    record EchoAnswer(JsonNode result) {}

    record TextAnswer(String text) {}

    record BytesAnswer(byte[] data) {}

    record ItemsAnswer(List<Item> items) {}

    private static Object answer(Question question) {
        return switch (question) {
            case Echo echo -> new EchoAnswer(echo.value());
            case Text text -> new TextAnswer(text.text());
            case Bytes bytes -> new BytesAnswer(bytes.data());
            case Items items -> new ItemsAnswer(items.items());
        };
    }

    /** One connection: answers in order, and one flush for all that came together. */
    private static final class Messages extends ByteToMessageDecoder {
        private Header header;

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (header == null) {
                if (in.readableBytes() < Short.BYTES) {
                    return;
                }
                int length = in.getUnsignedShort(in.readerIndex());
                if (in.readableBytes() < Short.BYTES + length) {
                    return;
                }
                in.skipBytes(Short.BYTES);
                header = MAPPER.readValue(bytes(in, length), Header.class);
            }
            if (in.readableBytes() >= header.contentLength()) {
                Question question = MAPPER.readValue(bytes(in, header.contentLength()), Question.class);
                header = null;
                write(context, MAPPER.writeValueAsBytes(answer(question)));
            }
        }

        private static byte[] bytes(ByteBuf in, int length) {
            var bytes = new byte[length];
            in.readBytes(bytes);
            return bytes;
        }

        private static void write(ChannelHandlerContext context, byte[] content) {
            byte[] head = MAPPER.writeValueAsBytes(new Header("little", "text/json", "utf-8", content.length));
            ByteBuf answer = context.alloc().ioBuffer(Short.BYTES + head.length + content.length);
            answer.writeShort(head.length).writeBytes(head).writeBytes(content);
            context.write(answer, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            super.channelReadComplete(context);
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
