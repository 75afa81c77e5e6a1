package dev.parley.examples.programs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.framing.FrameReceiver;
import dev.parley.net.framing.FramedInput;
import dev.parley.net.framing.Framer;
import dev.parley.net.framing.FramingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A subset of Redis: PING, ECHO, SET, GET, DEL and QUIT, in its protocol RESP2, pipelined or typed by hand. If a file
 * is given, each change is appended to it, and read again at the start, as Redis does with {@code appendonly}.
 */
public final class MiniRedis {
    private static final int ARGUMENT_BYTES_MAX = 1024 * 1024;
    private static final int ARGUMENTS_MAX = 1024;

    /** Cuts the stream into the parts of commands: a line, or a string behind the line with its length. */
    static final Framer PARTS = new Framer() {
        @Override
        public @Nullable ByteBuffer next(ByteBuffer unread, int seenBytes) throws FramingException {
            int begin = unread.position();
            var rest = unread.duplicate();
            String line = line(rest);
            int end = line == null ? 0 : rest.position();
            if (line != null && line.startsWith("*")) {
                checkNumber(line, ARGUMENTS_MAX);
            } else if (line != null && line.startsWith("$")) {
                checkNumber(line, ARGUMENT_BYTES_MAX);
                end += number(line) + 2; // its end is CR LF
            }
            if (line == null || end > unread.limit()) {
                return null;
            }
            unread.position(end);
            return unread.slice(begin, end - begin);
        }

        @Override
        public int unreadBytesMax() {
            return ARGUMENT_BYTES_MAX + 100;
        }

        @Override
        public byte[] encode(byte[] content) {
            return content;
        }
    };

    private static @Nullable String line(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                var line = new byte[i + 1 - bytes.position()];
                bytes.get(line);
                return text(line).stripTrailing();
            }
        }
        return null;
    }

    /** Returns the number after the first character of a line, which says what the number counts. */
    private static int number(String line) {
        return Integer.parseInt(line.substring(1));
    }

    private static void checkNumber(String line, int most) throws FramingException {
        if (!line.matches(".\\d{1,9}") || number(line) > most) {
            throw new FramingException(
                    "Protocol error: '" + line + "' where a number to " + most + " was expected", CloseReason.PROTOCOL);
        }
    }

    /** Puts the parts of a stream together to commands. */
    private static final class Command {
        private List<byte[]> arguments = new ArrayList<>();
        private int missing;

        /** Returns the arguments if the command is whole now; otherwise null. */
        @Nullable
        List<byte[]> add(ByteBuffer part) {
            String line = String.valueOf(line(part));
            if (line.startsWith("*")) {
                missing = number(line);
            } else if (line.startsWith("$") && missing > 0) {
                missing--;
                var argument = new byte[number(line)];
                part.get(argument);
                arguments.add(argument);
            } else {
                Stream.of(line.strip().split("\\s+")).forEach(word -> arguments.add(word.getBytes(ISO_8859_1)));
            }
            List<byte[]> whole = missing > 0 ? null : arguments;
            arguments = missing > 0 ? arguments : new ArrayList<>();
            return whole;
        }
    }

    private final Map<String, byte[]> values = new HashMap<>();
    private final @Nullable FileChannel log;

    /** Opens the store, and repeats the changes that are in its file. */
    MiniRedis(@Nullable Path file) throws IOException {
        log = file == null ? null : FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (file == null || log == null) {
            return;
        }
        long readBytes = 0;
        long wholeBytes = 0;
        var command = new Command();
        try (var in = Files.newInputStream(file)) {
            var parts = new FramedInput(in, PARTS);
            for (Optional<byte[]> next = parts.next(); next.isPresent(); next = parts.next()) {
                readBytes += next.get().length;
                List<byte[]> arguments = command.add(ByteBuffer.wrap(next.get()));
                if (arguments != null) {
                    answer(arguments, new ByteArrayOutputStream());
                    wholeBytes = readBytes;
                }
            }
        } catch (FramingException killedWhileItWrote) {
            readBytes = wholeBytes;
        }
        log.truncate(wholeBytes).position(wholeBytes);
    }

    /** Carries out a command. Returns true if it has changed something. */
    private boolean answer(List<byte[]> arguments, ByteArrayOutputStream out) {
        String name = arguments.isEmpty() ? "" : text(arguments.getFirst()).toUpperCase(Locale.ROOT);
        String key = arguments.size() > 1 ? text(arguments.get(1)) : "";
        switch (name + "/" + (arguments.size() - 1)) {
            case "/0", "/-1" -> {} // an empty line
            case "PING/0" -> simple(out, "+PONG");
            case "ECHO/1" -> bulk(out, arguments.get(1));
            case "GET/1" -> bulk(out, values.get(key));
            case "QUIT/0" -> simple(out, "+OK");
            case "SET/2" -> {
                values.put(key, arguments.get(2));
                simple(out, "+OK");
                return true;
            }
            case "DEL/1" -> {
                boolean was = values.remove(key) != null;
                simple(out, was ? ":1" : ":0");
                return was;
            }
            default -> simple(out, "-ERR unknown command, or a wrong number of arguments");
        }
        return false;
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

    private void append(List<byte[]> arguments) {
        var command = new ByteArrayOutputStream();
        simple(command, "*" + arguments.size());
        arguments.forEach(argument -> bulk(command, argument));
        try {
            if (log != null) {
                log.write(ByteBuffer.wrap(command.toByteArray()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // closes this connection: its change is not durable
        }
    }

    /** One connection. All connections of the loop share the store, which needs no locks. */
    private final class Session extends FrameReceiver {
        private final Command command = new Command();
        private final ByteArrayOutputStream answers = new ByteArrayOutputStream();

        Session() {
            super(PARTS);
        }

        @Override
        protected void frame(LoopConnection connection, ByteBuffer part) {
            List<byte[]> arguments = command.add(part);
            if (arguments != null && answer(arguments, answers)) {
                append(arguments);
            }
            if (arguments != null
                    && !arguments.isEmpty()
                    && text(arguments.getFirst()).equalsIgnoreCase("QUIT")) {
                readComplete(connection);
                connection.close();
            }
        }

        /** Sends the answers to commands that arrived together in one piece. */
        @Override
        protected void readComplete(LoopConnection connection) {
            connection.send(answers.toByteArray());
            answers.reset();
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
        var redis = new MiniRedis(args.length > 1 ? Path.of(args[1]) : null);
        try (var loop = EventLoop.start()) {
            System.out.println("listening on "
                    + loop.listen(args[0], connection -> redis.session()).address());
            loop.join();
        }
    }
}
