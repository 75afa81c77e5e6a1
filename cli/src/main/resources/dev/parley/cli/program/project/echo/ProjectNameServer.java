package projectname;

import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.Connection;
import dev.parley.net.Listener;
import java.io.IOException;

/** Sends back what it receives: blocking streams, a virtual thread for each connection. */
public final class ProjectNameServer {
    private ProjectNameServer() {}

    /** One connection, from its accept to its end; it is closed when this returns. Change this. */
    static void converse(Connection connection) throws IOException {
        connection.in().transferTo(connection.out());
    }

    /** Serves until it is stopped; the one argument is the address. */
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp://localhost:65432";
        try (var listener = Listener.open(address)) {
            System.out.println("listening on " + listener.address());
            listener.serve(ProjectNameServer::converse);
        } catch (BindFailedException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(3);
        }
    }
}
