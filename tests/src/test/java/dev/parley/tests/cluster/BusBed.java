package dev.parley.tests.cluster;

import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.OfferedAction;
import dev.parley.nats.NatsBusProvider;
import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Makes buses over NATS for a test, and what they carry. */
final class BusBed {
    private BusBed() {}

    /** Returns a bus of the cluster {@code c}. */
    static ClusterBus bus(NatsServer broker, LoopObserver observer) throws IOException {
        return new NatsBusProvider().connect(URI.create(broker.cluster("c")), observer);
    }

    static OfferedAction call(String name, String question) {
        return new OfferedAction(name, OfferedAction.CALL, question, "String");
    }

    static NodeRequest request() {
        return new NodeRequest(Message.text("x"), null, Duration.ofSeconds(20));
    }

    /** Answers each request with itself, and cancels each stream. */
    static final class Echo implements ClusterBus.NodeHandler {
        @Override
        public CompletionStage<Message> handle(String action, NodeRequest request) {
            return CompletableFuture.completedFuture(request.message());
        }

        @Override
        public void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream) {
            stream.cancel();
        }
    }

    /** A bus that never answers. */
    static final class Silent implements ClusterBus.NodeHandler {
        @Override
        public CompletionStage<Message> handle(String action, NodeRequest request) {
            return new CompletableFuture<>();
        }

        @Override
        public void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream) {
            stream.cancel();
        }
    }
}
