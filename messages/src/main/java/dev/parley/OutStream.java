package dev.parley;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * What goes to the other side of a stream, one value after another. Sending waits while the reader is slower than we
 * are. Any thread that may block; not a loop's. Several may send, and each value goes whole.
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
     * Sends a value; returns when it has its place on the way, and not when the other side has it.
     *
     * @param value that can be written as JSON, or a {@link Message}
     * @throws ExchangeEndedException when the other side wants nothing more
     * @throws CallException in a client, when the call was refused, timed out, or its connection was lost
     * @throws java.io.InterruptedIOException when the thread was interrupted; its flag stays set
     * @throws IllegalArgumentException when the value cannot be written as JSON
     * @throws IllegalStateException on the thread of a loop, and after the end of the stream
     * @throws IOException no other than these
     */
    void send(T value) throws IOException;

    /**
     * {@return a stream of bytes, which go as contents of the type {@code application/octet-stream}} They leave in
     * pieces of up to 32 KiB, and with {@code flush}. Its {@code close} flushes and does not end this stream.
     */
    OutputStream bytes();

    /**
     * Sends a whole file, as {@link #bytes} would, but over {@code nio} without a copy in this process (sendfile(2)).
     * Returns when all of it has its place on the way. What the system does not have in its cache is read from the disk
     * by the loop's thread: for a file on a slow disk or a network, {@code Files.copy(file, out.bytes())} is the better
     * way.
     *
     * @param file one that can be read, and does not become shorter meanwhile: else the connection is closed
     * @throws IOException as {@link #send} says, and when the file cannot be opened
     * @throws IllegalStateException on the thread of a loop, and after the end of the stream
     */
    void sendFile(Path file) throws IOException;
}
