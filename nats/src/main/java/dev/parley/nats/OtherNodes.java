package dev.parley.nats;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.OfferedAction;
import dev.parley.nats.OutgoingAccount.Share;
import io.nats.client.Connection;
import io.nats.client.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Asks the other nodes of a cluster what they offer, through the services API of NATS ($SRV.INFO). jnats can ask too,
 * but fails if no node is there, or if one of them responds with something else.
 */
final class OtherNodes {
    /** The key under which an endpoint says which version of the cluster's protocol its node speaks. */
    static final String PROTOCOL = "protocol";

    private static final Duration PATIENCE = Duration.ofMillis(300);

    /** The time to wait for a further node after one has responded. */
    private static final Duration PATIENCE_MORE = Duration.ofMillis(100);

    private static final int NODES_MAX = 1_000;
    private static final byte[] NOTHING = new byte[0];

    private final Connection connection;
    private final Outgoing outgoing;
    private final Subjects subjects;

    OtherNodes(Connection connection, Outgoing outgoing, Subjects subjects) {
        this.connection = connection;
        this.outgoing = outgoing;
        this.subjects = subjects;
    }

    /**
     * The answers of the other nodes.
     *
     * @param actions the actions of those that speak this node's version of the protocol
     * @param otherVersions the versions that others speak
     */
    record Said(List<OfferedAction> actions, SortedSet<String> otherVersions) {
        static Said nothing() {
            return new Said(new ArrayList<>(), new TreeSet<>());
        }

        /** Refuses nodes of another version, since a request could reach them, and they would refuse it. */
        void checkVersion() throws IOException {
            if (!otherVersions.isEmpty()) {
                throw new IOException(RequestHeaders.versionClash(otherVersions.getFirst()));
            }
        }
    }

    /**
     * Returns what the nodes say that respond within a moment.
     *
     * @throws IOException if they cannot be asked
     */
    Said ask() throws IOException {
        boolean wasInterrupted = Thread.interrupted(); // jnats would neither ask nor wait
        try {
            return answers();
        } catch (IllegalStateException e) {
            throw new IOException("the other nodes cannot be asked: " + e.getMessage(), e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Said answers() throws ClusterException {
        Said said = Said.nothing();
        String inbox = connection.createInbox();
        Subscription responses = connection.subscribe(inbox);
        String question = "$SRV.INFO." + subjects.service();
        try {
            var _ = outgoing.hand(Share.RESPONSE, OutgoingSize.of(question, inbox.length(), null, NOTHING), () -> {
                connection.publish(question, inbox, NOTHING);
                return true;
            });
            for (int i = 0; i < NODES_MAX; i++) {
                io.nats.client.Message response = responses.nextMessage(i == 0 ? PATIENCE : PATIENCE_MORE);
                if (response == null || response.isStatusMessage()) {
                    break; // a status says that no node is there
                }
                add(response.getData(), said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Uninterrupted.run(responses::unsubscribe);
        }
        return said;
    }

    /** Returns what a node says it offers, in the form of the services API. */
    static Said in(byte[] response) {
        Said said = Said.nothing();
        add(response, said);
        return said;
    }

    private static void add(byte[] response, Said to) {
        try {
            for (JsonNode endpoint : Message.json(response).json().path("endpoints")) {
                JsonNode told = endpoint.path("metadata");
                String version = told.path(PROTOCOL).asString(RequestHeaders.VERSION);
                if (!told.has("action")) {
                    continue;
                }
                if (version.equals(RequestHeaders.VERSION)) {
                    to.actions().add(action(told));
                } else {
                    to.otherVersions().add(version);
                }
            }
        } catch (ContentException notOfANode) {
            return;
        }
    }

    private static OfferedAction action(JsonNode told) {
        return new OfferedAction(
                told.path("action").asString(""),
                told.path("kind").asString(""),
                told.path("question").asString(""),
                told.path("answer").asString(""));
    }
}
