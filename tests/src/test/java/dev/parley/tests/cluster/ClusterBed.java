package dev.parley.tests.cluster;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes the nodes of clusters for a test, over each bus. */
public final class ClusterBed {
    private static @Nullable NatsServer broker;

    private final TestBed bed;
    private final String name = "c" + System.nanoTime();
    private @Nullable Cluster ofProcess;

    /** The means by which the nodes are connected. */
    public enum Over {
        PROCESS,
        NATS
    }

    /** Makes a bed of clusters that ends with a test's bed. */
    public ClusterBed(TestBed bed) {
        this.bed = bed;
    }

    /** Returns the one broker of all tests, which ends with this process. */
    static synchronized NatsServer broker() throws IOException {
        NatsServer started = broker;
        if (started == null) {
            started = NatsServer.start();
            broker = started;
            Runtime.getRuntime().addShutdownHook(new Thread(started::close));
        }
        return started;
    }

    /** Returns the cluster as a node sees it: over NATS, each has a connection of its own. */
    public Cluster cluster(Over over) throws IOException {
        if (over == Over.NATS) {
            return bed.keep(Cluster.connect(broker().cluster(name)));
        }
        if (ofProcess == null) {
            ofProcess = bed.keep(Cluster.inProcess());
        }
        return ofProcess;
    }

    /** Returns the settings of a node. */
    public ServerBuilder node(Over over) throws IOException {
        return bed.server().cluster(cluster(over));
    }

    public Server listen(ServerBuilder settings) throws IOException {
        return bed.keep(settings.listen("tcp://localhost:0"));
    }

    /** Returns a client of a node without handlers. */
    public Client entrance(Over over) throws IOException {
        return bed.keep(Client.connect(listen(node(over)).address()));
    }

    /** Returns true if a request of this client reaches a node that echoes, within half a second. */
    static boolean passes(Client client) {
        try {
            return client.call("echo", Message.text("x"), CallOptions.timeout(Duration.ofMillis(500)))
                    .text()
                    .equals("x");
        } catch (IOException notYet) {
            return false;
        }
    }
}
