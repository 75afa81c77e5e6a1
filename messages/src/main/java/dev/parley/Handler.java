package dev.parley;

/**
 * Your function from a request to its response: a raw handler, which sees messages as they are. One handler serves all
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
     * Answers one request; on a virtual thread, or on the server's loop where it was registered so, and then it must
     * not block: while it runs, every connection of that loop waits. On a virtual thread it is interrupted when nobody
     * waits for its answer any more.
     *
     * @param request as it came; answering with it sends it back
     * @return the response; null counts as a failure of the handler
     * @throws FailedException to answer {@code failed} with a code of your own
     * @throws RefusedRequestException to answer with an error of the protocol
     * @throws ContentException where the content is not what it should be: answered as {@code bad-content}
     * @throws Exception whatever goes wrong: the peer gets {@code internal} and nothing of it, the connection stays,
     *     and {@link dev.parley.net.LoopObserver#failed} is told
     */
    Message handle(Message request) throws Exception;
}
