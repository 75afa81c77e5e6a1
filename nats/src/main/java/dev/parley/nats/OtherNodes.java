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
import tools.jackson.databind.JsonNode;

/**
 * Asks the other nodes of a cluster what they offer, through the services API of NATS ($SRV.INFO). jnats can ask too,
 * but fails if no node is there, or if one of them responds with something else.
 */
final class OtherNodes {
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
     * Returns the actions of the nodes that respond within a moment.
     *
     * @throws IOException if they cannot be asked
     */
    List<OfferedAction> actions() throws IOException {
        boolean wasInterrupted = Thread.interrupted(); // jnats would neither ask nor wait
        try {
            return ask();
        } catch (IllegalStateException e) {
            throw new IOException("the other nodes cannot be asked: " + e.getMessage(), e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<OfferedAction> ask() throws ClusterException {
        var found = new ArrayList<OfferedAction>();
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
                addActions(response.getData(), found);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Uninterrupted.run(responses::unsubscribe);
        }
        return found;
    }

    /** Adds the actions that a node says it offers, in the form of the services API. */
    static void addActions(byte[] response, List<OfferedAction> to) {
        try {
            for (JsonNode endpoint : Message.json(response).json().path("endpoints")) {
                JsonNode told = endpoint.path("metadata");
                if (told.has("action")) {
                    to.add(new OfferedAction(
                            told.path("action").asString(""),
                            told.path("kind").asString(""),
                            told.path("question").asString(""),
                            told.path("answer").asString("")));
                }
            }
        } catch (ContentException notOfANode) {
            return;
        }
    }
}
