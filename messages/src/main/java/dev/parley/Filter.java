package dev.parley;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A function around handlers, or around calls: it may look at a request, change it, answer it itself, refuse it, and do
 * the same with the answer. The same filter serves a server and a client. The first that was added is the outermost.
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
 * not. Around a stream it sees the first message, and the last one of the answer; what goes between passes by. In a
 * client it runs on the thread that calls, and for {@code callAsync} on a virtual thread; streams and one-way requests
 * of a client pass by.
 */
@FunctionalInterface
public interface Filter {
    /**
     * Answers a request, mostly by passing it on.
     *
     * @param request as it came so far
     * @param chain what is behind this filter
     * @return the answer, never null
     * @throws Exception in a server, as a handler may; in a client, as a call does
     */
    Message filter(Message request, Chain chain) throws Exception;

    /** What is behind a filter: the other filters, and then the handler or the call. Valid during the call of it. */
    interface Chain {
        /**
         * Passes a request on. Zero times, once or, in a client, several times.
         *
         * @param request the one that came, or another; a stream goes on with the one that came
         * @return the answer
         * @throws Exception what the handler or the call throws
         */
        Message proceed(Message request) throws Exception;

        /** {@return the name of the action; null where the request names it in its content, or not at all} */
        @Nullable
        String action();

        /** {@return in a server, who asks and for how long; empty in a client} */
        Optional<Exchange> exchange();
    }
}
