package bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The same work as the C app server's, on Netty: messages of a header and a content, {@code search} over a table of
 * one, and bytes that are not JSON come back. Like the C server it believes its clients, and looks for the keys.
 * args: port epoll|io_uring|io_uring_br [jdk|openssl certificate key]
 */
public final class NettyApp {
    private static final int PLAIN_ARGS = 2;
    private static final byte[] CONTENT_LENGTH = ascii("\"content-length\"");
    private static final byte[] ACTION = ascii("\"action\"");
    private static final byte[] VALUE = ascii("\"value\"");
    private static final byte[] SEARCH = ascii("\"search\"");
    private static final byte[] MORPHEUS = ascii("\"morpheus\"");
    private static final byte[] FOUND =
            json("{\"result\": \"Follow the white rabbit. \ud83d\udc30\"}".getBytes(StandardCharsets.UTF_8));
    private static final byte[] NOT_FOUND = json(ascii("{\"result\": \"No match.\"}"));
    private static final byte[] WRONG = json(ascii("{\"result\": \"Error: invalid action.\"}"));

    private NettyApp() {}

    public static void main(String[] args) throws Exception {
        SslContext tls = args.length == PLAIN_ARGS ? null : NettyTls.context(args[2], args[3], args[4]);
        NettyServer.serve(args[0], args[1], () -> handler(tls));
    }

    private static ChannelHandler handler(SslContext tls) {
        if (tls == null) {
            return new Messages();
        }
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Messages());
            }
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] head(String type, String encoding, int length) {
        byte[] header = ascii("{\"byteorder\": \"little\", \"content-type\": \"" + type + "\", \"content-encoding\": \""
                + encoding + "\", \"content-length\": " + length + "}");
        var head = new byte[Short.BYTES + header.length];
        head[0] = (byte) (header.length >> Byte.SIZE);
        head[1] = (byte) header.length;
        System.arraycopy(header, 0, head, Short.BYTES, header.length);
        return head;
    }

    private static byte[] json(byte[] content) {
        byte[] head = head("text/json", "utf-8", content.length);
        byte[] message = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, message, head.length, content.length);
        return message;
    }

    /** Returns where the value behind a key begins, or -1. */
    private static int find(byte[] in, int end, byte[] key) {
        int at = indexOf(in, end, key);
        if (at < 0) {
            return -1;
        }
        at += key.length;
        while (at < end && (in[at] == ' ' || in[at] == ':')) {
            at++;
        }
        return at;
    }

    private static int indexOf(byte[] in, int end, byte[] what) {
        for (int at = 0; at <= end - what.length; at++) {
            if (in[at] == what[0] && isAt(in, at, end, what)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isAt(byte[] in, int at, int end, byte[] what) {
        return at >= 0
                && at + what.length <= end
                && Arrays.equals(in, at, at + what.length, what, 0, what.length);
    }

    private static byte[] answer(byte[] content, int length) {
        int action = find(content, length, ACTION);
        int value = find(content, length, VALUE);
        if (value < 0 || !isAt(content, action, length, SEARCH)) {
            return WRONG;
        }
        return isAt(content, value, length, MORPHEUS) ? FOUND : NOT_FOUND;
    }

    /** One connection: the answers to all that came together leave together. */
    private static final class Messages extends ByteToMessageDecoder {
        private static final int USUAL_BYTES = 1_024;
        private static final int NOT_READ = -1;

        private byte[] bytes = new byte[USUAL_BYTES];
        private int contentLength = NOT_READ;
        private ByteBuf answers;

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (contentLength == NOT_READ && !readHeader(in)) {
                return;
            }
            int length = contentLength;
            if (in.readableBytes() < length) {
                return;
            }
            contentLength = NOT_READ;
            if (in.getByte(in.readerIndex()) != '{') {
                writeAnswers(context);
                byte[] head = head("binary/bench", "binary", length);
                context.write(context.alloc().ioBuffer(head.length).writeBytes(head), context.voidPromise());
                context.write(in.readRetainedSlice(length), context.voidPromise());
                return;
            }
            read(in, length);
            if (answers == null) {
                answers = context.alloc().ioBuffer(USUAL_BYTES);
            }
            answers.writeBytes(answer(bytes, length));
        }

        private boolean readHeader(ByteBuf in) {
            if (in.readableBytes() < Short.BYTES) {
                return false;
            }
            int length = in.getUnsignedShort(in.readerIndex());
            if (in.readableBytes() < Short.BYTES + length) {
                return false;
            }
            in.skipBytes(Short.BYTES);
            read(in, length);
            int at = find(bytes, length, CONTENT_LENGTH);
            int value = 0;
            while (at < length && bytes[at] >= '0' && bytes[at] <= '9') {
                value = value * 10 + bytes[at++] - '0';
            }
            contentLength = value;
            return true;
        }

        private void read(ByteBuf in, int length) {
            if (bytes.length < length) {
                bytes = new byte[length];
            }
            in.readBytes(bytes, 0, length);
        }

        private void writeAnswers(ChannelHandlerContext context) {
            if (answers != null) {
                context.write(answers, context.voidPromise());
                answers = null;
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) throws Exception {
            super.channelReadComplete(context);
            writeAnswers(context);
            context.flush();
        }

        @Override
        protected void handlerRemoved0(ChannelHandlerContext context) {
            if (answers != null) {
                answers.release();
                answers = null;
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
