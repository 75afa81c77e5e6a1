package dev.parley.cluster;

import dev.parley.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Carries requests and values between the nodes of a cluster. It promises no more than a network does: a request or a
 * value arrives once or not at all. Any thread may use it, and no method but {@link #close} waits for the network.
 */
public interface ClusterBus extends AutoCloseable {
    /**
     * Offers actions of a node. Each request for one of them goes to one of the nodes that offer it.
     *
     * @param actions the actions, with names that are valid
     * @param handler handles the requests; called on threads of the bus, so it must not block
     * @return the offer, which the node withdraws when it stops
     * @throws IOException if the bus does not take the offer
     */
    Offer offer(List<OfferedAction> actions, NodeHandler handler) throws IOException;

    /**
     * Sends a request to a node that offers the action.
     *
     * @param action a valid name of an action
     * @param request the request; its patience bounds the wait
     * @return completes with the node's response, which may be an error response, or exceptionally with a {@link
     *     ClusterException}; if its future is cancelled, the node is asked to cancel the request
     */
    CompletionStage<Message> request(String action, NodeRequest request);

    /**
     * Opens a stream to a node that offers the action.
     *
     * @param action a valid name of an action
     * @param request the first message of the stream; its patience bounds the wait for a node
     * @param hasMore whether further messages of the client follow the first one
     * @return this node's end of the stream, at once; if it cannot be opened, it fails with a {@link ClusterException}
     */
    NodeStream open(String action, NodeRequest request, boolean hasMore);

    /**
     * {@return whether a request for an action is known to be one message with one response} If it is not, it may be a
     * stream, and so should be sent by {@link #open}.
     *
     * @param action any text
     */
    boolean isCall(String action);

    /**
     * Sends a value to the subscribers of a topic on all other nodes.
     *
     * @param topic a name that is valid for an action
     * @param value the value
     * @throws ClusterException if the value is certainly not sent
     */
    void publish(String topic, Message value) throws ClusterException;

    /**
     * Subscribes to the values that other nodes publish to a topic.
     *
     * @param topic a name that is valid for an action
     * @param subscriber called with each value, on a thread of the bus, one at a time and in the order of each
     *     publisher; it must not block
     * @throws IOException if the bus does not take the subscription
     */
    void subscribe(String topic, Consumer<Message> subscriber) throws IOException;

    /**
     * Opens the stored values of a topic, which are made if they are not there.
     *
     * @param topic a name that is valid for an action
     * @param ageMax how long a value is kept; positive
     * @param bytesMax the bytes of all values; a full log refuses more; positive
     * @return the log
     * @throws IOException if the bus stores nothing, or refuses the settings
     */
    DurableLog log(String topic, Duration ageMax, long bytesMax) throws IOException;

    /**
     * {@return the number of values that {@link #publish} has taken, but that the bus had to drop before it sent them}
     */
    default long unsentValues() {
        return 0;
    }

    /** {@return the number of values from other nodes that came faster than subscribers took them, and were dropped} */
    default long droppedValues() {
        return 0;
    }

    /**
     * {@return the number of requests of other nodes, and of their cancellations, that came faster than offers took
     * them, and were dropped}
     */
    default long droppedRequests() {
        return 0;
    }

    /** {@return the number of values from other nodes that are not messages, and were dropped} */
    default long unreadableValues() {
        return 0;
    }

    /** {@return the maximum number of bytes of a whole message, header and content, that the bus carries} */
    int messageBytesMax();

    /** {@return whether the bus is connected now} */
    boolean isConnected();

    /** Withdraws every offer and ends every subscription. A second call has no effect. */
    @Override
    void close();

    /** An offer of actions. */
    interface Offer {
        /** Stops new requests to this node. Requests that it has are still answered. A second call has no effect. */
        void withdraw();

        /** Ends the rest of a withdrawn offer, when its requests are answered. */
        default void close() {}
    }

    /** Handles the requests of other nodes. */
    interface NodeHandler {
        /**
         * Handles a request.
         *
         * @param action the action, which the node has offered
         * @param request the request
         * @return completes with the response, which may be an error response; never exceptionally, except if its
         *     future is cancelled, which cancels the request
         */
        CompletionStage<Message> handle(String action, NodeRequest request);

        /**
         * Handles a request as a stream, whatever it is. If its action has one response, this is the last message.
         *
         * @param action the action, which the node has offered
         * @param request the first message
         * @param hasMore whether further messages of the client follow
         * @param stream this node's end of the stream; the handler ends it
         */
        void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream);
    }
}
