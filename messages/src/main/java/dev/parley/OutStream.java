package dev.parley;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * The outgoing values of a stream, one after another. Sending waits while the reader is slower than we are. Any thread
 * that may block can use it; not a loop's thread. Several threads may send, and each value is sent whole.
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
     * Sends a value; returns when it is queued for sending, not when the other side has it.
     *
     * @param value a value that can be written as JSON, or a {@link Message}
     * @throws ExchangeEndedException if the other side wants nothing more
     * @throws CallException in a client, if the call was refused, timed out, or its connection was lost
     * @throws java.io.InterruptedIOException if the thread was interrupted; its flag stays set
     * @throws IllegalArgumentException if the value cannot be written as JSON
     * @throws IllegalStateException if it is called on the thread of a loop, or after the end of the stream
     * @throws IOException only as one of the above
     */
    void send(T value) throws IOException;

    /**
     * {@return a stream of bytes, which are sent as contents of the type {@code application/octet-stream}} They are
     * sent in pieces of up to 32 KiB, and at each {@code flush}. Its {@code close} flushes and does not end this
     * stream.
     */
    OutputStream bytes();

    /**
     * Sends a whole file, as {@link #bytes} would, but over {@code nio} without a copy in this process (sendfile(2)).
     * Returns when the whole file is queued for sending. The loop's thread reads parts from the disk that are not in
     * the system's cache: for a file on a slow disk or a network, {@code Files.copy(file, out.bytes())} is better.
     *
     * @param file a readable file; if it becomes shorter meanwhile, the connection is closed
     * @throws IOException as {@link #send} says, and if the file cannot be opened
     * @throws IllegalStateException if it is called on the thread of a loop, or after the end of the stream
     */
    void sendFile(Path file) throws IOException;
}
