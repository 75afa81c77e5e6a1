package dev.parley.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.framing.FrameReceiver;
import dev.parley.net.framing.Framer;
import dev.parley.net.framing.FramingException;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Recipe: your own line protocol on the event loop. The server is a store of keys and values, with the commands SET,
 * GET, DEL and QUIT.
 *
 * <p>A stream of bytes has no lines. One read may return half a line, or three and a half lines. If a server takes each
 * read for a line, it works on its author's machine and fails on the network. If the length of a line has no bound, a
 * line that never ends takes all memory. A {@link Framer} cuts the bytes into lines, and has a bound. If a client sends
 * many requests and reads no answers, the answers take all memory, unless the server stops reading from this client.
 *
 * <p>To see this, run {@code ./parley run examples/src/main/java/dev/parley/examples/LineProtocol.java}. To use two
 * terminals, add arguments: {@code server [ADDRESS]} in one, and {@code client ADDRESS LINE...} in the other. Any other
 * program that sends lines can also be the client.
 */
public final class LineProtocol {
    static final int LINE_BYTES_MAX = 256;
    private static final Framer LINES = Framer.lines(LINE_BYTES_MAX);
    static final int KEYS_MAX = 10_000;

    private LineProtocol() {}

    /** The application. It answers each line with a line. Only one loop's thread uses it, so it needs no locks. */
    static final class Store {
        private final Map<String, String> values = new HashMap<>();

        String answer(String line) {
            String[] words = line.split(" ", 3);
            return switch (words[0] + "/" + (words.length - 1)) { // the command, and the number of words after it
                case "SET/2" -> set(words[1], words[2]);
                case "GET/1" -> values.getOrDefault(words[1], "NONE");
                case "DEL/1" -> values.remove(words[1]) == null ? "NONE" : "OK";
                case "QUIT/0" -> "BYE";
                default -> "ERR use SET KEY VALUE, GET KEY, DEL KEY or QUIT";
            };
        }

        private String set(String key, String value) {
            if (values.size() >= KEYS_MAX && !values.containsKey(key)) {
                return "ERR full: at most " + KEYS_MAX + " keys";
            }
            values.put(key, value);
            return "OK";
        }
    }

    /** One connection. Every method runs on the loop's thread. */
    private static final class Session extends FrameReceiver {
        private final Store store;
        private final StringBuilder answers = new StringBuilder();

        Session(Store store) {
            super(LINES);
            this.store = store;
        }

        /**
         * Answers one line. ISO 8859-1 has one character for each byte, so a value keeps its bytes, whatever character
         * set the client uses.
         */
        @Override
        protected void frame(LoopConnection connection, ByteBuffer line) {
            String asked = ISO_8859_1.decode(line).toString();
            answers.append(store.answer(asked)).append('\n');
            if (asked.equals("QUIT")) {
                readComplete(connection);
                connection.close(); // a client that still sends gets our last line too
            }
        }

        /** Sends the answers to lines that arrived together in one piece. */
        @Override
        protected void readComplete(LoopConnection connection) {
            connection.send(answers.toString().getBytes(ISO_8859_1));
            answers.setLength(0);
        }

        @Override
        protected void badFrame(LoopConnection connection, FramingException bad) {
            connection.send(LINES.encode("ERR " + bad.getMessage()));
        }
    }

    static LoopListener serve(EventLoop loop, String address) throws IOException {
        var store = new Store();
        return loop.listen(address, connection -> new Session(store));
    }

    /** Sends each line, waits for the answer to this line, and prints the answer. */
    static void ask(String address, List<String> lines) throws IOException {
        try (var connection = Connection.connect(address);
                var answers = new BufferedReader(new InputStreamReader(connection.in(), UTF_8))) {
            for (String line : lines) {
                connection.out().write((line + "\n").getBytes(UTF_8));
                String answer = answers.readLine();
                if (answer == null) {
                    throw new EOFException("the server closed the connection instead of an answer");
                }
                System.out.println(line + " -> " + answer);
            }
        }
    }

    /** Starts a server or a client, or, without arguments, a demonstration in one process. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            demonstrate();
        } else if (args[0].equals("server") && args.length <= 2) {
            try (var loop = EventLoop.start()) {
                var listener = serve(loop, args.length == 2 ? args[1] : Address.DEFAULT);
                System.out.println("listening on " + listener.address());
                loop.join();
            }
        } else if (args[0].equals("client") && args.length >= 3) {
            ask(args[1], List.of(args).subList(2, args.length));
        } else {
            System.err.println("usage: server [ADDRESS], or client ADDRESS LINE...");
            System.exit(2);
        }
    }

    private static void demonstrate() throws Exception {
        try (var loop = EventLoop.start()) {
            String address = serve(loop, "tcp://localhost:0").address().toString();
            ask(address, List.of("SET tea green, 80 °C", "GET tea", "GET coffee", "SET tea", "DEL tea", "QUIT"));
            System.out.print(
                    "two lines and a half, then the rest: " + pieces(address, "SET a 1\r\nSET b 2\nGE", "T b\n"));
            System.out.print("a line without end: " + pieces(address, "SET novel " + "x".repeat(LINE_BYTES_MAX)));
        }
    }

    /** Sends each piece unchanged. Returns all that comes back, on one line. */
    private static String pieces(String address, String... pieces) throws IOException {
        try (var connection = Connection.connect(address)) {
            for (String piece : pieces) {
                connection.out().write(piece.getBytes(UTF_8));
            }
            connection.shutdownOutput();
            return new String(connection.in().readAllBytes(), UTF_8).lines().toList() + "\n";
        }
    }
}
