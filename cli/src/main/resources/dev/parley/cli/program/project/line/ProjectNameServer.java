package projectname;

import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.framing.FrameReceiver;
import dev.parley.net.framing.Framer;
import dev.parley.net.framing.FramingException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A protocol of lines on one event loop, for any number of connections; nothing here may block. */
public final class ProjectNameServer {
    /** A line ends with LF or CR LF. Its length has a limit, so that a line without an end cannot fill the memory. */
    static final Framer LINES = Framer.lines(8 * 1024);

    private ProjectNameServer() {}

    /** The answer to one line. Change this. */
    static String answer(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String rest = words.length > 1 ? words[1] : "";
        return switch (words[0].toUpperCase(Locale.ROOT)) {
            case "UPPER" -> rest.toUpperCase(Locale.ROOT);
            case "LENGTH" -> String.valueOf(rest.length());
            case "QUIT" -> "BYE";
            default -> "ERROR unknown command; UPPER text, LENGTH text or QUIT";
        };
    }

    /** One connection. The loop's thread calls it, one call at a time. */
    static final class Session extends FrameReceiver {
        Session() {
            super(LINES);
        }

        @Override
        protected void frame(LoopConnection connection, ByteBuffer bytes) {
            String line = StandardCharsets.UTF_8.decode(bytes).toString();
            send(connection, answer(line));
            if (line.strip().equalsIgnoreCase("QUIT")) {
                connection.close(); // nothing after it is answered
            }
        }

        @Override
        protected void badFrame(LoopConnection connection, FramingException bad) {
            send(connection, "ERROR " + bad.getMessage());
        }

        private static void send(LoopConnection connection, String answer) {
            connection.send((answer + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Serves until it is stopped; the one argument is the address. */
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp://localhost:65432";
        try (var loop = EventLoop.start()) {
            var listener = loop.listen(address, connection -> new Session());
            System.out.println("listening on " + listener.address());
            loop.join();
        } catch (BindFailedException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(3);
        }
    }
}
