package dev.parley.cluster;

import dev.parley.Message;
import java.io.IOException;
import java.util.concurrent.CompletionStage;

/** The stored values of one topic, in their order. Any thread may use it. */
public interface DurableLog extends AutoCloseable {
    /**
     * Appends a value.
     *
     * @param value the value
     * @return completes when the value is stored, or exceptionally with a {@link ClusterException} that says whether it
     *     may be
     */
    CompletionStage<Void> append(Message value);

    /**
     * Begins to read where the reader of this name has stopped; a new name begins with the oldest value. If several
     * nodes read under one name, each value goes to one of them.
     *
     * @param reader a name that is valid for an action
     * @param handler gets one value at a time, on a virtual thread; a value whose handler throws, or whose node ends
     *     before it has returned, comes again
     * @return ends the reading; the name keeps its place
     * @throws IOException if the bus does not take the reader
     */
    Reading read(String reader, ValueHandler handler) throws IOException;

    /** Ends the work of the log for its readings, which have ended. Stored values remain. */
    @Override
    default void close() {}

    /** One reading of a log. */
    interface Reading extends AutoCloseable {
        /** Ends the reading. The handler that runs is interrupted. A second call has no effect. */
        @Override
        void close();
    }

    /** Handles the values of a log. */
    @FunctionalInterface
    interface ValueHandler {
        /**
         * Handles a value.
         *
         * @param value the value
         * @throws Exception if the value was not handled; then it is delivered again
         */
        void handle(Message value) throws Exception;
    }
}
