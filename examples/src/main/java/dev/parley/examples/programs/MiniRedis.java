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
import org.jspecify.annotations.Nullable;

/**
 * A subset of Redis: PING, ECHO, SET, GET, DEL, INCR and QUIT, in its protocol RESP2, pipelined or typed by hand. If a
 * file is given, each change is appended to it, and read again at the start, as Redis does with {@code appendonly}.
 */
public final class MiniRedis {
    private static final int COMMAND_BYTES_MAX = 1024 * 1024;
    private static final int ARGUMENTS_MAX = 1024;

    /** Cuts the stream into commands: an array of strings with their lengths, or a line of words. */
    static final Framer COMMANDS = new Framer() {
        @Override
        public @Nullable ByteBuffer next(ByteBuffer unread, int seenBytes) throws FramingException {
            int begin = unread.position();
            var rest = unread.duplicate();
            boolean isWhole = skip(rest);
            if (isWhole) {
                unread.position(rest.position());
            }
            return isWhole ? unread.slice(begin, rest.position() - begin) : null;
        }

        private boolean skip(ByteBuffer rest) throws FramingException {
            String first = line(rest);
            if (first == null || !first.startsWith("*")) {
                return first != null;
            }
            for (int left = number(first, ARGUMENTS_MAX); left > 0; left--) {
                String length = line(rest);
                int end = length == null ? 0 : rest.position() + number(length, COMMAND_BYTES_MAX) + 2;
                if (length == null || end > rest.limit()) {
                    return false;
                }
                rest.position(end);
            }
            return true;
        }

        @Override
        public int unreadBytesMax() {
            return COMMAND_BYTES_MAX;
        }

        @Override
        public byte[] encode(byte[] content) {
            return content;
        }
    };

    private final Map<String, byte[]> values = new HashMap<>();
    private final @Nullable FileChannel log;

    /** Opens the store, and repeats the changes that are in its file. */
    MiniRedis(@Nullable Path file) throws IOException {
        if (file == null) {
            log = null;
            return;
        }
        log = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long wholeBytes = 0;
        try (var in = Files.newInputStream(file)) {
            var commands = new FramedInput(in, COMMANDS);
            for (Optional<byte[]> next = commands.next(); next.isPresent(); next = commands.next()) {
                answer(arguments(ByteBuffer.wrap(next.get())), new ByteArrayOutputStream());
                wholeBytes += next.get().length;
            }
        } catch (FramingException killedWhileItWrote) {
            log.truncate(wholeBytes);
        }
        log.position(wholeBytes);
    }

    private static @Nullable String line(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                String line = ISO_8859_1
                        .decode(bytes.slice(bytes.position(), i - bytes.position()))
                        .toString();
                bytes.position(i + 1);
                return line.stripTrailing();
            }
        }
        return null;
    }

    /** Returns the number after the first character of a line, which says what the number counts. */
    private static int number(String line, int most) throws FramingException {
        if (line.matches("[*$]\\d{1,9}") && Integer.parseInt(line, 1, line.length(), 10) <= most) {
            return Integer.parseInt(line, 1, line.length(), 10);
        }
        throw new FramingException(
                "Protocol error: '" + line + "' where a number to " + most + " was expected", CloseReason.PROTOCOL);
    }

    private static List<byte[]> arguments(ByteBuffer command) {
        var all = new ArrayList<byte[]>();
        String first = String.valueOf(line(command));
        if (!first.startsWith("*")) {
            for (String word : first.isBlank() ? new String[0] : first.strip().split("\\s+")) {
                all.add(word.getBytes(ISO_8859_1));
            }
            return all;
        }
        while (command.hasRemaining()) {
            var argument =
                    new byte[Integer.parseInt(String.valueOf(line(command)).substring(1))];
            command.get(argument).getShort(); // its end is CR LF
            all.add(argument);
        }
        return all;
    }

    /** Carries out a command. Returns true if it has changed something. */
    private boolean answer(List<byte[]> arguments, ByteArrayOutputStream out) {
        String name = arguments.isEmpty() ? "" : text(arguments.getFirst()).toUpperCase(Locale.ROOT);
        String key = arguments.size() > 1 ? text(arguments.get(1)) : "";
        switch (name + "/" + (arguments.size() - 1)) {
            case "/-1" -> {}
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
            case "INCR/1" -> {
                return increment(key, out);
            }
            default -> simple(out, "-ERR unknown command, or a wrong number of arguments");
        }
        return false;
    }

    private boolean increment(String key, ByteArrayOutputStream out) {
        try {
            byte[] now = values.get(key);
            long next = Math.incrementExact(now == null ? 0 : Long.parseLong(text(now)));
            values.put(key, Long.toString(next).getBytes(ISO_8859_1));
            simple(out, ":" + next);
            return true;
        } catch (NumberFormatException | ArithmeticException e) {
            simple(out, "-ERR value is not an integer or out of range");
            return false;
        }
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
        private final ByteArrayOutputStream answers = new ByteArrayOutputStream();

        Session() {
            super(COMMANDS);
        }

        @Override
        protected void frame(LoopConnection connection, ByteBuffer command) {
            List<byte[]> arguments = arguments(command.duplicate());
            if (answer(arguments, answers) && log != null) {
                try {
                    log.write(command);
                } catch (IOException e) {
                    throw new UncheckedIOException(e); // closes this connection: its change is not durable
                }
            }
            if (!arguments.isEmpty() && text(arguments.getFirst()).equalsIgnoreCase("QUIT")) {
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
