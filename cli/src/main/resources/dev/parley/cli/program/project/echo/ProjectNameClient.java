package projectname;

import dev.parley.net.AddressException;
import dev.parley.net.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Sends a text and prints what comes back. */
public final class ProjectNameClient {
    private ProjectNameClient() {}

    /** Sends all, says that this was all, and reads up to the end: a stream knows no messages, only its end. */
    static String ask(Connection connection, String text) throws IOException {
        connection.out().write(text.getBytes(StandardCharsets.UTF_8));
        connection.shutdownOutput();
        return new String(connection.in().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The arguments: a text, and the server's address. */
    public static void main(String[] args) {
        String text = args.length > 0 ? args[0] : "Hello, world";
        String address = args.length > 1 ? args[1] : "tcp://localhost:65432";
        try (var connection = Connection.connect(address)) {
            System.out.println(ask(connection, text));
        } catch (IOException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
