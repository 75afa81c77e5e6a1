package projectname;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.parley.Client;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import dev.parley.testkit.CensusExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import projectname.Actions.Greet;
import projectname.Actions.Greeting;

/** Tests over real sockets, on a free port; afterwards the census makes sure that nothing is left open. */
@ExtendWith(CensusExtension.class)
class ProjectNameTest {
    private EventLoop loop;
    private Server server;
    private Client client;

    @BeforeEach
    void start(Census census) throws Exception {
        loop = census.startLoop(EventLoop.builder());
        server = ProjectNameServer.handlers().observer(census).listen(loop, Address.parse("tcp://localhost:0"));
        client = Client.builder(server.address()).loop(loop).connect();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        loop.close();
    }

    @Test
    void greetsByName() throws Exception {
        assertEquals(new Greeting("Hello, Ada!"), client.call(Actions.GREET, new Greet("Ada")));
    }

    @Test
    void refusesWhoHasNoName() {
        var refused = assertThrows(RefusedException.class, () -> client.call(Actions.GREET, new Greet(" ")));
        assertEquals("no-name", refused.applicationCode());
    }
}
