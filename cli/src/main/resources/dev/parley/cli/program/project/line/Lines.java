package projectname;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** Makes lines of bytes as they arrive: a line may come in pieces, and several in one piece. For one connection. */
final class Lines {
    /** The most bytes that one line may have, so that a peer that never ends its line cannot fill the memory. */
    static final int BYTES_MAX = 8 * 1024;

    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();

    /**
     * Takes the bytes and hands on every line that is complete, without its end ({@code LF} or {@code CR LF}), for as
     * long as the answer is true; what comes after the line that ended it is left.
     *
     * @throws IllegalStateException when a line has more than {@link #BYTES_MAX} bytes
     */
    void read(ByteBuffer bytes, Predicate<String> line) {
        boolean goesOn = true;
        while (goesOn && bytes.hasRemaining()) {
            byte next = bytes.get();
            if (next == '\n') {
                String text = unfinished.toString(StandardCharsets.UTF_8);
                unfinished.reset();
                goesOn = line.test(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
            } else if (unfinished.size() == BYTES_MAX) {
                throw new IllegalStateException("a line has more than " + BYTES_MAX + " bytes");
            } else {
                unfinished.write(next);
            }
        }
    }
}
