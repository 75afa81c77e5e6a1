package dev.parley;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing values of a stream, one after another. If the reader is slower than the sender, a send waits. Any thread
 * except the thread of a loop can use the stream, since the thread may have to wait. Several threads may send at the
 * same time; each value is sent as a whole.
 *
 * {@snippet :
 * record Count(int to) {}
 * record Number(int value) {}
 * Server server = Server.builder()
 *         .onStream(Action.of("count", Count.class, Number.class), (count, out) -> {
 *             for (int i = 1; i <= count.to(); i++) {
 *                 out.send(new Number(i)); // waits for a reader that is slow
 *             }
 *         })
 *         .listen("tcp://localhost:0");
 * }
 *
 * @param <T> a record, or {@link Message} for any content
 */
public interface OutStream<T> {
    /**
     * Sends a value. This method returns when the value is queued for sending, not when the other side has received it.
     *
     * @param value a value that the action's codec can write
     * @throws ExchangeEndedException if the other side wants nothing more of this stream
     * @throws CallException in a client, if the call was refused, timed out, or its connection was lost
     * @throws dev.parley.net.ConnectFailedException in a client, if it could not connect
     * @throws java.io.InterruptedIOException if the thread was interrupted; its flag stays set
     * @throws IllegalArgumentException if the value cannot be written, exceeds the limits, or is an empty content of
     *     the type {@code application/octet-stream}, which would only open or end a stream
     * @throws IllegalStateException if it is called on the thread of a loop, or after the end of the stream
     * @throws IOException only as one of the exceptions above
     */
    void send(T value) throws IOException;

    /**
     * Sends the values of a publisher, such as a {@link Topic}, as they come and as the reader takes them. No thread
     * waits for them, so the caller can go on: it may send other values, and follow other publishers, in the same
     * stream. The stream does not end with the publisher.
     *
     * {@snippet :
     * record Watch(String symbol) {}
     * record Quote(String symbol, double price) {}
     * var shares = new Topic<Quote>(1_000, Topic.Policy.DROP_OLDEST);
     * var bonds = new Topic<Quote>(1_000, Topic.Policy.DROP_OLDEST);
     * Server server = Server.builder()
     *         .onStream(Action.of("watch", Watch.class, Quote.class), (watch, out) -> {
     *             var followed = out.follow(shares);
     *             out.follow(bonds);
     *             followed.join(); // until the topic is closed, or the client goes
     *         })
     *         .listen("tcp://localhost:0");
     * }
     *
     * @param values the publisher
     * @return a future that completes when the publisher has completed, and fails if it fails, or if the stream
     *     ends first; if it is cancelled, the subscription is cancelled
     */
    CompletableFuture<@Nullable Void> follow(Flow.Publisher<? extends T> values);

    /**
     * {@return a stream of bytes, which are sent as contents of the type {@code application/octet-stream}} The bytes
     * are sent in pieces of up to 32 KiB, and at each {@code flush}. If the returned stream is closed, it sends its
     * last bytes, but this stream does not end.
     *
     * @throws IllegalArgumentException if contents must be empty ({@code contentBytesMax} is 0)
     */
    OutputStream bytes();

    /**
     * Sends a whole file; see {@link #sendFile(Path, long)}.
     *
     * @param file a readable file; if the file becomes shorter before it is sent, the connection is closed
     * @throws IOException if the file cannot be opened, or the messages cannot be sent; see {@link #send}
     * @throws IllegalStateException if it is called on the thread of a loop, or after the end of the stream
     */
    default void sendFile(Path file) throws IOException {
        sendFile(file, 0);
    }

    /**
     * Sends a file from an offset to its end, for example the rest of a transfer that was cut off. The other side gets
     * the same messages as from {@link #bytes}, but with the transport {@code nio} this process does not copy the bytes
     * (sendfile(2)). This method returns when all of it is queued for sending. If a part of the file is not in the
     * system's cache, the loop's thread waits for the disk. So for a file on a slow disk or a network, {@code
     * Files.copy(file, out.bytes())} is better.
     *
     * @param file a readable file; if the file becomes shorter before it is sent, the connection is closed
     * @param offsetBytes where to begin, from 0 to the length of the file; at its length, nothing is sent
     * @throws IOException if the file cannot be opened, or the messages cannot be sent; see {@link #send}
     * @throws IllegalArgumentException if the offset is negative, or beyond the end of the file; or if contents must be
     *     empty ({@code contentBytesMax} is 0)
     * @throws IllegalStateException if it is called on the thread of a loop, or after the end of the stream
     */
    void sendFile(Path file, long offsetBytes) throws IOException;
}
