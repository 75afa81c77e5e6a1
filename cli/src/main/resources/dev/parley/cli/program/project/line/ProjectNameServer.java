package projectname;

import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A protocol of lines on one event loop, for any number of connections; nothing here may block. */
public final class ProjectNameServer {
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

    /** Waits for connections, and gives each a session of its own. */
    static final class Sessions implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.receiver(new Session());
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            throw new IllegalStateException("a session receives them");
        }
    }

    /** One connection. The loop's thread calls it, one call at a time. */
    private static final class Session implements Receiver {
        private final Lines lines = new Lines();

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            try {
                lines.read(bytes, line -> take(connection, line));
            } catch (IllegalStateException tooLong) {
                send(connection, "ERROR " + tooLong.getMessage());
                connection.closeLingering(CloseReason.LIMIT);
            }
        }

        /** Answers a line; returns false after a QUIT, since nothing after it is answered. */
        private static boolean take(LoopConnection connection, String line) {
            send(connection, answer(line));
            boolean goesOn = !line.strip().equalsIgnoreCase("QUIT");
            if (!goesOn) {
                connection.closeLingering(CloseReason.LOCAL); // more may be on its way, and must not cost our answer
            }
            return goesOn;
        }

        private static void send(LoopConnection connection, String text) {
            connection.send((text + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Serves until it is stopped; the one argument is the address. */
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp://localhost:65432";
        try (var loop = EventLoop.start()) {
            var listener = loop.listen(address, new Sessions());
            System.out.println("listening on " + listener.address());
            loop.join();
        } catch (BindFailedException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(3);
        }
    }
}
