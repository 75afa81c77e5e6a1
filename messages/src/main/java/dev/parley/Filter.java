package dev.parley;

import dev.parley.net.time.Ticker;
import org.jspecify.annotations.Nullable;

/**
 * A function around the handlers of a server: it may look at a request, change it, answer it itself, or refuse it, and
 * may also look at the response, change it, or replace it. It sees every request: one-way requests, streams and uploads
 * too. The filter that was added first is the outermost.
 *
 * {@snippet :
 * Filter timing = (request, chain) -> {
 *     Message answer = chain.proceed(request);
 *     System.out.println(chain.action() + " was answered with " + answer);
 *     return answer;
 * };
 * Server server = Server.builder()
 *         .filter(timing)
 *         .filter(Filter.concurrency(200))
 *         .otherwise(request -> request)
 *         .listen("tcp://localhost:0");
 * }
 *
 * <p>A filter runs on the same thread as the handler: on a virtual thread, where it may block, or on the loop, where it
 * must not block. Around a stream, the filter sees the header of the first message of the request, and the last message
 * of the response; the messages in between bypass it. A stream on the loop ({@link ServerBuilder#onLoopStream(Action,
 * Handler)}, {@code onLoopUpload}, {@code onLoopDuplex}) goes on after its filters have returned, so they see only its
 * beginning, and a message without content instead of its answer; {@link Chain#whenOver} says when it ends. A client
 * has filters of its own: {@link CallFilter}.
 */
@FunctionalInterface
public interface Filter {
    /**
     * Handles a request, usually by passing it on.
     *
     * @param request the request, as the filters before this one passed it on
     * @param chain the rest of the chain after this filter
     * @return the response, never null
     * @throws Exception any exception that {@link Handler#handle} may throw
     */
    Message filter(Message request, Chain chain) throws Exception;

    /**
     * {@return a filter that lets a limited number of requests run at once, and responds {@code busy} to further
     * requests} A stream counts until it ends.
     *
     * @param most the largest number of requests, at least 1
     * @throws IllegalArgumentException if {@code most} is less than 1
     */
    static Filter concurrency(int most) {
        return Filters.concurrency(most);
    }

    /**
     * {@return a filter that lets a limited number of requests and streams begin in a second, and responds {@code busy}
     * to further ones}
     *
     * @param perSecond the average number of requests in a second, above 0
     * @param burst the number of requests that may begin at once after a pause, at least 1
     * @param ticker the clock; {@link Ticker#SYSTEM} outside of tests
     * @throws IllegalArgumentException if {@code perSecond} or {@code burst} is out of its range
     */
    static Filter rate(double perSecond, int burst, Ticker ticker) {
        return Filters.rate(perSecond, burst, ticker);
    }

    /**
     * {@return a filter that compresses responses with gzip, for clients that have said that they read it}
     * Content that would not become shorter is sent uncompressed.
     *
     * @param bytesMin the length in bytes below which contents are sent uncompressed; 0 or more
     * @throws IllegalArgumentException if {@code bytesMin} is negative
     */
    static Filter gzip(int bytesMin) {
        return Filters.gzip(bytesMin);
    }

    /**
     * The rest of a chain after a filter: the other filters, and then the handler. It is valid until the filter
     * returns.
     */
    interface Chain {
        /**
         * Passes a request on. A filter may call this method at most once.
         *
         * @param request the original request, or another one; for a stream, the handler always gets the original one
         * @return the response
         * @throws Exception any exception that the handler throws
         */
        Message proceed(Message request) throws Exception;

        /**
         * Runs a task when the request is over: when a stream on the loop has ended, whatever its end was, and
         * otherwise when the filter has returned or thrown. So a filter can measure or count all kinds of requests in
         * one way.
         *
         * @param task called once. For a stream on the loop, it is called when the handler has ended the stream, on the
         *     loop's thread (on any thread if the loop is closed), must not block, and what it throws is logged.
         *     Otherwise it is called on the filter's thread, and what it throws counts as thrown by the filter
         * @throws UnsupportedOperationException if the chain is not one of Parley's, and cannot do this
         */
        default void whenOver(Runnable task) {
            throw new UnsupportedOperationException("this chain does not say when a request is over");
        }

        /**
         * {@return the name of the action; null if the request names its action only in its content, or has no action}
         */
        @Nullable
        String action();

        /** {@return the exchange, which knows the client and how long the client waits} */
        Exchange exchange();
    }
}
