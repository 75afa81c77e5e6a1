package dev.parley;

/** Your function from a request to its response. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers one request. Runs on the server's loop and must not block: while it runs, every connection of the server
     * waits.
     *
     * @throws RefusedRequestException to answer with an error of the protocol
     * @throws Exception whatever goes wrong: the peer gets {@code internal} and nothing of it, and the connection stays
     */
    Message handle(Message request) throws Exception;
}
