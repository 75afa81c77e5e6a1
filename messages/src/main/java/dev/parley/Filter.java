package dev.parley;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A function around handlers, or around calls: it may look at a request, change it, answer it itself, or refuse it, and
 * may also look at the response, change it, or replace it. The same filter can serve a server and a client. The filter
 * that was added first is the outermost.
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
 * <p>In a server, a filter runs on the same thread as the handler: on a virtual thread, where it may block, or on the
 * loop, where it must not block. Around a stream, the filter sees the first message of the request and the last message
 * of the response; the messages in between bypass it. In a client, a filter runs on the calling thread, or for {@code
 * callAsync} on a virtual thread. The streams and one-way requests of a client bypass it.
 */
@FunctionalInterface
public interface Filter {
    /**
     * Handles a request, usually by passing it on.
     *
     * @param request the request, as the filters before this one passed it on
     * @param chain the rest of the chain after this filter
     * @return the response, never null
     * @throws Exception in a server, any exception that {@link Handler#handle} may throw; in a client, any exception
     *     that the call throws
     */
    Message filter(Message request, Chain chain) throws Exception;

    /**
     * The rest of a chain after a filter: the other filters, and then the handler or the call. It is valid until the
     * filter returns.
     */
    interface Chain {
        /**
         * Passes a request on. In a server, a filter may call this method at most once; in a client, any number of
         * times.
         *
         * @param request the original request, or another one; for a stream, the handler always gets the original one
         * @return the response
         * @throws Exception any exception that the handler or the call throws
         */
        Message proceed(Message request) throws Exception;

        /**
         * {@return the name of the action; null if the request names its action only in its content, or has no action}
         */
        @Nullable
        String action();

        /**
         * {@return in a server, the exchange, which knows the client and how long the client waits; in a client, empty}
         */
        Optional<Exchange> exchange();
    }
}
