package dev.parley.link;

import dev.parley.Message;
import dev.parley.OutStream;
import dev.parley.net.EventLoop;
import dev.parley.net.SendFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The outgoing direction of a stream of values: each value is converted to a message and sent. */
public final class TypedOut<T> implements OutStream<T> {
    /** The size of a piece of a file: the number of bytes that a stream may send before the first grant. */
    private static final int FILE_PIECE_BYTES = StreamSender.FIRST_CREDIT_BYTES;

    private final StreamSender sender;
    private final Function<T, Message> content;
    private final boolean isDetached;

    /** Creates an outgoing direction that converts each value by a function, and sends the result by this sender. */
    public TypedOut(StreamSender sender, Function<T, Message> content) {
        this(sender, content, false);
    }

    /** Does the same. The calls of a publisher belong to no exchange if the stream is detached. */
    public TypedOut(StreamSender sender, Function<T, Message> content, boolean isDetached) {
        this.sender = sender;
        this.content = content;
        this.isDetached = isDetached;
    }

    @Override
    public void send(T value) throws IOException {
        sender.send(content.apply(value));
    }

    @Override
    public CompletableFuture<@Nullable Void> follow(Flow.Publisher<? extends T> values) {
        var end = new CompletableFuture<@Nullable Void>();
        ServerExchange exchange = isDetached ? null : CurrentExchange.passingOrNull();
        var flow = new OutboundFlow<T>(
                sender.loop(),
                exchange,
                sender,
                content,
                why -> CurrentExchange.run(sender.loop(), exchange, () -> {
                    if (why == null) {
                        end.complete(null);
                    } else {
                        end.completeExceptionally(why);
                    }
                }));
        var _ = end.whenComplete((done, failure) -> {
            if (end.isCancelled()) {
                flow.cancel();
            }
        });
        values.subscribe(flow);
        return end;
    }

    @Override
    public OutputStream bytes() {
        return new Bytes(pieceBytesMax());
    }

    /** Returns the maximum length of a piece of bytes. */
    private int pieceBytesMax() {
        int bytesMax = sender.contentBytesMax();
        if (bytesMax == 0) {
            throw new IllegalArgumentException("contentBytesMax is 0, so no bytes can be sent");
        }
        return bytesMax;
    }

    @Override
    public void sendFile(Path path, long offsetBytes) throws IOException {
        EventLoop.checkMayBlock("sending a file on a stream", "use a virtual thread");
        try (SendFile file = SendFile.open(path)) {
            long sizeBytes = file.sizeBytes();
            if (offsetBytes < 0 || offsetBytes > sizeBytes) {
                throw new IllegalArgumentException("offsetBytes is " + offsetBytes + "; " + path + " has " + sizeBytes);
            }
            int pieceBytes = Math.min(FILE_PIECE_BYTES, pieceBytesMax());
            for (long at = offsetBytes; at < sizeBytes; at += pieceBytes) {
                sender.send(file.region(at, (int) Math.min(pieceBytes, sizeBytes - at)));
            }
        }
    }

    /** Collects the bytes that are written, and sends a piece when it is full. */
    private final class Bytes extends OutputStream {
        private static final int PIECE_BYTES_MAX = 32 * 1024;

        private final int pieceBytes;
        private byte[] piece;
        private int count;

        Bytes(int bytesMax) {
            pieceBytes = Math.min(PIECE_BYTES_MAX, bytesMax);
            piece = new byte[pieceBytes];
        }

        @Override
        public void write(int value) throws IOException {
            piece[count++] = (byte) value;
            sendIfFull();
        }

        @Override
        public void write(byte[] from, int start, int length) throws IOException {
            Objects.checkFromIndexSize(start, length, from.length);
            for (int at = start; at < start + length; ) {
                int taken = Math.min(start + length - at, pieceBytes - count);
                System.arraycopy(from, at, piece, count, taken);
                at += taken;
                count += taken;
                sendIfFull();
            }
        }

        /** Sends the piece if it is full. From then on, the array belongs to the message. */
        private void sendIfFull() throws IOException {
            if (count == pieceBytes) {
                byte[] full = piece;
                piece = new byte[pieceBytes];
                count = 0;
                sender.send(Message.binary("application/octet-stream", full));
            }
        }

        @Override
        public void flush() throws IOException {
            if (count > 0) {
                byte[] rest = Arrays.copyOf(piece, count);
                count = 0;
                sender.send(Message.binary("application/octet-stream", rest));
            }
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
