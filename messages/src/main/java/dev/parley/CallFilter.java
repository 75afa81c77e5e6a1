package dev.parley;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A function around the calls of a client: it may change a request, answer it itself, or refuse it, and may also look
 * at the response, change it, or call again. It sees every kind of call: with values and with messages, blocking and
 * asynchronous, streams, uploads, and one-way requests. The filter that was added first is the outermost.
 *
 * {@snippet :
 * CallFilter naming = (request, chain) -> chain.proceed(request.with("x-client", "shop"));
 * CallFilter timing = (request, chain) -> {
 *     Instant began = Instant.now();
 *     return chain.proceed(request).whenComplete((answer, failure) ->
 *             System.out.println(chain.action() + " took " + Duration.between(began, Instant.now())));
 * };
 * Client client = Client.builder("tcp://localhost:65432").filter(naming).filter(timing).start();
 * client.close();
 * }
 *
 * <p>A filter runs on the thread that makes the call, before the call returns; so calls that one thread makes are sent
 * in their order, and no thread is needed for each. The functions that follow the response run on the client's loop, so
 * they must not block. If calls are made on a loop, the filter must not block either.
 */
@FunctionalInterface
public interface CallFilter {
    /**
     * Handles a request, usually by passing it on.
     *
     * @param request the request, as the filters before this one passed it on; of a stream, the first message
     * @param chain the rest of the chain after this filter
     * @return the response, never null. If it never completes, the call still ends by its time limit
     */
    CompletionStage<Message> filter(Message request, Chain chain);

    /**
     * {@return a filter that compresses requests with gzip, and says that the client reads it} Content that
     * would not become shorter is sent uncompressed.
     *
     * @param bytesMin the length in bytes below which contents are sent uncompressed; 0 or more
     * @throws IllegalArgumentException if {@code bytesMin} is negative
     */
    static CallFilter gzip(int bytesMin) {
        return Filters.gzipCalls(bytesMin);
    }

    /** The rest of a chain after a filter: the other filters, and then the call. Any thread may use it. */
    interface Chain {
        /**
         * Passes a request on. A filter may call this method any number of times, but for a stream at most once.
         *
         * @param request the original request, or another one
         * @return the response. For a stream, it completes with an empty message when the stream has ended. The result
         *     of the filter is ignored then; if its stage fails, the stream fails. For a one-way request, it completes
         *     with the request when the request is queued
         */
        CompletionStage<Message> proceed(Message request);

        /** {@return the name of the action; null if the request names its action only in its content, or has none} */
        @Nullable
        String action();

        /** {@return whether this is a stream or an upload} */
        boolean isStream();
    }
}
