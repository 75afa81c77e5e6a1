package dev.parley;

/**
 * Your function from a request to its response: a raw handler, which gets messages unchanged. One handler serves all
 * connections, many at once.
 *
 * {@snippet :
 * Handler shout = request -> Message.text(request.text().toUpperCase(Locale.ROOT));
 * Server server = Server.builder()
 *         .onLoop("shout", shout) // on the loop, since it never blocks
 *         .otherwise(request -> Message.text("only shout is handled here"))
 *         .listen("tcp://localhost:0");
 * }
 */
@FunctionalInterface
public interface Handler {
    /**
     * Handles one request. The handler runs on a virtual thread, or on the server's loop if it was registered with
     * {@link Server.Builder#onLoop(String, Handler)} or {@link Server.Builder#otherwiseOnLoop}. On the loop, a handler
     * must not block: while it runs, every connection of that loop waits. On a virtual thread, a handler is interrupted
     * when the client no longer waits for its answer.
     *
     * @param request the request as it arrived; a handler that returns it sends it back
     * @return the response; null counts as a failure of the handler
     * @throws FailedException to respond {@code failed} with a code of your own
     * @throws RefusedRequestException to respond with an error of the protocol
     * @throws ContentException if the content is not valid; the response has the code of the exception, such as {@code
     *     bad-content}
     * @throws Exception on any other failure: the peer gets the error {@code internal} without details, the connection
     *     stays open, and {@link dev.parley.net.LoopObserver#failed} is called
     */
    Message handle(Message request) throws Exception;
}
