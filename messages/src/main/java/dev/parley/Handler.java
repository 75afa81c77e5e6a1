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
     * Handles one request, on a virtual thread, or on the server's loop if it was registered for that. On the loop it
     * must not block: while it runs, every connection of that loop waits. On a virtual thread it is interrupted when
     * the client no longer waits for its answer.
     *
     * @param request the request as it arrived; returning it sends it back
     * @return the response; null counts as a failure of the handler
     * @throws FailedException to respond {@code failed} with a code of your own
     * @throws RefusedRequestException to respond with an error of the protocol
     * @throws ContentException if the content is not what it should be; the response is {@code bad-content}
     * @throws Exception on any other failure: the peer gets {@code internal} without details, the connection stays
     *     open, and {@link dev.parley.net.LoopObserver#failed} is called
     */
    Message handle(Message request) throws Exception;
}
