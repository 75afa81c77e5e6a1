package projectname;

import dev.parley.net.AddressException;
import dev.parley.net.Connection;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Sends lines and reads their answers, in order: blocking streams do for a client of one connection. */
public final class ProjectNameClient {
    private final Connection connection;
    private final BufferedReader answers;

    ProjectNameClient(Connection connection) {
        this.connection = connection;
        answers = new BufferedReader(new InputStreamReader(connection.in(), StandardCharsets.UTF_8));
    }

    /** Sends the line and waits for the line that answers it. */
    String ask(String line) throws IOException {
        connection.out().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        String answer = answers.readLine();
        if (answer == null) {
            throw new EOFException("the server closed without an answer");
        }
        return answer;
    }

    /** The arguments: a line, and the server's address. */
    public static void main(String[] args) {
        String line = args.length > 0 ? args[0] : "UPPER hello";
        String address = args.length > 1 ? args[1] : "tcp://localhost:65432";
        try (var connection = Connection.connect(address)) {
            System.out.println(new ProjectNameClient(connection).ask(line));
        } catch (IOException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
