package dev.parley.net.framing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames from a blocking stream, such as {@link dev.parley.net.Connection#in}. One thread at a time may use it.
 * It reads ahead, so nothing else should read from the stream.
 *
 * {@snippet :
 * var lines = Framer.lines(1_000);
 * try (var connection = Connection.connect("tcp://localhost:65432")) {
 *     connection.out().write(lines.encode("hello"));
 *     byte[] answer = new FramedInput(connection.in(), lines).next().orElseThrow();
 *     System.out.println(new String(answer, StandardCharsets.UTF_8));
 * }
 * }
 */
public final class FramedInput {
    private static final int READ_BYTES = 8 * 1024;

    private final InputStream in;
    private final UnreadBytes unread;
    private final byte[] chunk = new byte[READ_BYTES];
    private ByteBuffer arrived = ByteBuffer.allocate(0);
    private @Nullable FramingException failure;

    /**
     * Creates a reader of frames.
     *
     * @param in the stream, which this object does not close
     * @param framer says where each frame ends
     */
    public FramedInput(InputStream in, Framer framer) {
        this.in = Objects.requireNonNull(in);
        this.unread = new UnreadBytes(Objects.requireNonNull(framer));
    }

    /**
     * Waits for the next frame.
     *
     * @return the frame without its length or delimiter, possibly of no bytes; empty at the end of the stream, if that
     *     is between two frames
     * @throws FramingException if the frame is not allowed, or the stream ended inside it; every later call throws this
     *     exception again
     * @throws IOException if the stream cannot be read; if the stream says so, a later call may go on
     */
    public Optional<byte[]> next() throws IOException {
        if (failure != null) {
            throw failure;
        }
        try {
            ByteBuffer frame = unread.next(arrived);
            while (frame == null) {
                int count = in.read(chunk);
                if (count < 0) {
                    return end();
                }
                arrived = ByteBuffer.wrap(chunk, 0, count);
                frame = unread.next(arrived);
            }
            byte[] copy = new byte[frame.remaining()];
            frame.get(copy);
            return Optional.of(copy);
        } catch (FramingException bad) {
            failure = bad;
            throw bad;
        }
    }

    private Optional<byte[]> end() throws FramingException {
        if (unread.count() > 0) {
            throw FramingException.truncated(unread.count());
        }
        return Optional.empty();
    }
}
