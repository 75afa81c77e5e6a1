package projectname;

import dev.parley.Client;
import dev.parley.net.AddressException;
import java.io.IOException;
import projectname.Actions.Greet;

/** Asks the server, once. */
public final class ProjectNameClient {
    private ProjectNameClient() {}

    /** The arguments: a name, and the server's address. */
    public static void main(String[] args) {
        String name = args.length > 0 ? args[0] : "World";
        String address = args.length > 1 ? args[1] : "tcp://localhost:65432";
        try (var client = Client.connect(address)) {
            System.out.println(client.call(Actions.GREET, new Greet(name)).text());
        } catch (IOException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
