package dev.parley;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A function around handlers, or around calls: it may look at a request, change it, answer it itself, or refuse it, and
 * do the same with the response. The same filter can serve a server and a client. The first filter that was added is
 * the outermost.
 *
 * {@snippet :
 * Filter timing = (request, chain) -> {
 *     Message answer = chain.proceed(request);
 *     System.out.println(chain.action() + " was answered with " + answer);
 *     return answer;
 * };
 * Server server = Server.builder()
 *         .filter(timing)
 *         .filter(Filters.concurrency(200))
 *         .otherwise(request -> request)
 *         .listen("tcp://localhost:0");
 * }
 *
 * <p>In a server it runs where the handler does: on a virtual thread, where it may block, or on the loop, where it must
 * not. Around a stream it sees the first message, and the last one of the response; the messages in between bypass it.
 * In a client it runs on the calling thread, and for {@code callAsync} on a virtual thread; streams and one-way
 * requests of a client bypass it.
 */
@FunctionalInterface
public interface Filter {
    /**
     * Handles a request, usually by passing it on.
     *
     * @param request the request, as the filters before have left it
     * @param chain the rest of the chain after this filter
     * @return the response, never null
     * @throws Exception in a server, as a handler may; in a client, as a call does
     */
    Message filter(Message request, Chain chain) throws Exception;

    /**
     * The rest of a chain after a filter: the other filters, and then the handler or the call. Valid during the
     * filter's call.
     */
    interface Chain {
        /**
         * Passes a request on. A filter may call it once or not at all, and in a client several times.
         *
         * @param request the original request, or another; a stream always continues with the original
         * @return the response
         * @throws Exception any exception that the handler or the call throws
         */
        Message proceed(Message request) throws Exception;

        /** {@return the name of the action; null if the request names it in its content, or not at all} */
        @Nullable
        String action();

        /** {@return in a server, the exchange, with the client and how long it waits; empty in a client} */
        Optional<Exchange> exchange();
    }
}
