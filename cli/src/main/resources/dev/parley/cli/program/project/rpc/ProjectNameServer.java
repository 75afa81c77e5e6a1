package projectname;

import dev.parley.ApplicationException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import java.time.Duration;
import projectname.Actions.Greet;
import projectname.Actions.Greeting;

/** Answers the {@link Actions}. */
public final class ProjectNameServer {
    private ProjectNameServer() {}

    /** Every action and its handler; the program and the test listen with the same. */
    static ServerBuilder handlers() {
        return Server.builder().on(Actions.GREET, ProjectNameServer::greet);
    }

    /** Runs on a virtual thread of its own: it may block. */
    private static Greeting greet(Greet greet) throws ApplicationException {
        if (greet.name().isBlank()) {
            throw new ApplicationException("no-name", "say who you are");
        }
        return new Greeting("Hello, " + greet.name() + "!");
    }

    /** Serves until it is told to end, and answers what is under way then; the one argument is the address. */
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp://localhost:65432";
        try (var server = handlers().listen(address)) {
            System.out.println("listening on " + server.address());
            server.drainOnShutdown(Duration.ofSeconds(10));
            server.join();
        } catch (BindFailedException | AddressException e) {
            System.err.println(e.getMessage());
            System.exit(3);
        }
    }
}
