package dev.parley.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.framing.FrameReceiver;
import dev.parley.net.framing.Framer;
import dev.parley.net.framing.FramingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A subset of Redis: PING, ECHO, SET, GET, DEL and QUIT, in its protocol RESP2, pipelined or typed by hand. If a file
 * is given, each change is appended to it, and read again at the start, as Redis does with {@code appendonly}.
 */
public final class MiniRedis {
    private static final int WORD_BYTES_MAX = 64 * 1024;
    private static final int WORDS_MAX = 16;

    /** Answers are sent when there are so many bytes of them, although more commands may have arrived. */
    private static final int ANSWERS_BYTES = 64 * 1024;

    /**
     * A client for which more than 4 MiB of answers are queued is disconnected: it does not read them, or asks for too
     * much at once.
     */
    private static final Limits LIMITS = Limits.DEFAULT.withQueuedBytes(ANSWERS_BYTES, 4 * 1024 * 1024);

    /** Cuts the stream into commands: a line of words, or strings behind a line with their number. */
    static final Framer COMMANDS = new Framer() {
        @Override
        public @Nullable ByteBuffer next(ByteBuffer unread, int seenBytes) throws FramingException {
            int begin = unread.position();
            var rest = unread.duplicate();
            if (words(rest) == null) {
                return null;
            }
            unread.position(rest.position());
            return unread.slice(begin, rest.position() - begin);
        }

        @Override
        public int unreadBytesMax() {
            return 2 * WORD_BYTES_MAX; // a key and a value
        }

        @Override
        public byte[] encode(byte[] content) {
            return content;
        }
    };

    /** Takes the words of a command; null if it is not whole. */
    private static @Nullable List<ByteBuffer> words(ByteBuffer unread) throws FramingException {
        String line = line(unread);
        if (line == null) {
            return null;
        }
        if (!line.startsWith("*")) {
            return Stream.of(line.strip().split("\\s+")).map(ISO_8859_1::encode).toList();
        }
        var words = new ArrayList<ByteBuffer>();
        for (int missing = number(line, '*', WORDS_MAX); missing > 0; missing--) {
            line = line(unread);
            int bytes = line == null ? 0 : number(line, '$', WORD_BYTES_MAX);
            if (line == null || unread.remaining() < bytes + 2) { // CR LF is its end
                return null;
            }
            words.add(unread.slice(unread.position(), bytes));
            unread.position(unread.position() + bytes + 2);
        }
        return words;
    }

    private static @Nullable String line(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                var line = new byte[i + 1 - bytes.position()];
                bytes.get(line);
                return new String(line, ISO_8859_1).stripTrailing();
            }
        }
        return null;
    }

    /** Returns the number after the first character of a line, which says what the number counts. */
    private static int number(String line, char kind, int most) throws FramingException {
        if (!line.matches("[" + kind + "]\\d{1,9}") || Integer.parseInt(line.substring(1)) > most) {
            throw new FramingException(
                    "Protocol error: '" + line + "' instead of '" + kind + "' and a number to " + most,
                    CloseReason.PROTOCOL);
        }
        return Integer.parseInt(line.substring(1));
    }

    private final Map<String, byte[]> values = new HashMap<>();
    private @Nullable FileChannel log;
    private long logBytes;

    /** Opens the store, and repeats the changes that are in its file. */
    MiniRedis(@Nullable Path file) throws IOException {
        if (file != null) {
            var opened = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var changes = ByteBuffer.wrap(Files.readAllBytes(file));
            for (var next = COMMANDS.next(changes, 0); next != null; next = COMMANDS.next(changes, 0)) {
                answer(next, new ByteArrayOutputStream());
            }
            logBytes = changes.position(); // a kill may have cut off the last change, which append() drops
            log = opened.position(logBytes);
        }
    }

    /** Carries out a command. Returns true if it is the last one. */
    private boolean answer(ByteBuffer command, ByteArrayOutputStream out) throws IOException {
        List<byte[]> words = Objects.requireNonNull(words(command.duplicate())).stream()
                .map(MiniRedis::bytes)
                .toList();
        String name = words.isEmpty() ? "" : text(words.getFirst()).toUpperCase(Locale.ROOT);
        String key = words.size() > 1 ? text(words.get(1)) : "";
        switch (name + "/" + (words.size() - 1)) {
            case "/0", "/-1" -> {} // an empty line
            case "PING/0" -> simple(out, "+PONG");
            case "ECHO/1" -> bulk(out, words.get(1));
            case "GET/1" -> bulk(out, values.get(key));
            case "QUIT/0" -> simple(out, "+OK");
            case "SET/2" -> {
                append(command);
                values.put(key, words.get(2));
                simple(out, "+OK");
            }
            case "DEL/1" -> {
                if (values.containsKey(key)) {
                    append(command);
                }
                simple(out, values.remove(key) == null ? ":0" : ":1");
            }
            default -> simple(out, "-ERR unknown command, or a wrong number of arguments");
        }
        return name.equals("QUIT");
    }

    /** Appends a change to the file before it is made. If it fails, the next one drops what was written of it. */
    private void append(ByteBuffer command) throws IOException {
        if (log != null) {
            log.truncate(logBytes);
            while (command.hasRemaining()) {
                log.write(command);
            }
            logBytes = log.position();
        }
    }

    private static byte[] bytes(ByteBuffer word) {
        var bytes = new byte[word.remaining()];
        word.get(bytes);
        return bytes;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static void simple(ByteArrayOutputStream out, String line) {
        out.writeBytes((line + "\r\n").getBytes(ISO_8859_1));
    }

    private static void bulk(ByteArrayOutputStream out, byte @Nullable [] value) {
        simple(out, "$" + (value == null ? -1 : value.length));
        if (value != null) {
            out.writeBytes(value);
            simple(out, "");
        }
    }

    /** One connection. All connections of the loop share the store, which needs no locks. */
    private final class Session extends FrameReceiver {
        private ByteArrayOutputStream answers = new ByteArrayOutputStream();

        Session() {
            super(COMMANDS);
        }

        @Override
        protected void frame(LoopConnection connection, ByteBuffer command) {
            boolean isLast = false;
            try {
                isLast = answer(command, answers);
            } catch (IOException e) {
                simple(answers, "-ERR the change was not written, and not made: " + e.getMessage());
            }
            if (isLast || answers.size() > ANSWERS_BYTES) {
                readComplete(connection);
            }
            if (isLast) {
                connection.close();
            }
        }

        /** Sends the answers to commands that arrived together in one piece. */
        @Override
        protected void readComplete(LoopConnection connection) {
            connection.send(answers.toByteArray());
            answers = new ByteArrayOutputStream();
        }

        @Override
        protected void badFrame(LoopConnection connection, FramingException bad) {
            connection.send(("-ERR " + bad.getMessage() + "\r\n").getBytes(ISO_8859_1));
        }
    }

    FrameReceiver session() {
        return new Session();
    }

    /** The arguments: where to listen, and the file that keeps the values. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0 || args.length > 2) {
            System.err.println("usage: MiniRedis.java ADDRESS [FILE]");
            return;
        }
        var redis = new MiniRedis(args.length > 1 ? Path.of(args[1]) : null);
        try (var loop = EventLoop.builder().limits(LIMITS).start()) {
            System.out.println("listening on "
                    + loop.listen(args[0], connection -> redis.session()).address());
            loop.join();
        }
    }
}
