package dev.parley;

/** Your function from a request to its response: a raw handler, which sees messages as they are. */
@FunctionalInterface
public interface Handler {
    /**
     * Answers one request; on a virtual thread, or on the server's loop where it was registered so, and then it must
     * not block: while it runs, every connection of that loop waits.
     *
     * @throws FailedException to answer {@code failed} with a code of your own
     * @throws RefusedRequestException to answer with an error of the protocol
     * @throws Exception whatever goes wrong: the peer gets {@code internal} and nothing of it, and the connection stays
     */
    Message handle(Message request) throws Exception;
}
