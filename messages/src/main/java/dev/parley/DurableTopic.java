package dev.parley;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.DurableLog;
import dev.parley.names.ActionName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * A topic of a cluster whose values are stored, so that a reader that was away gets them later; see {@link
 * Cluster#durable}. Any thread may use it.
 *
 * {@snippet :
 * record Order(String item) {}
 * try (var cluster = Cluster.inProcess(); // or Cluster.connect("nats://localhost:4222")
 *         var topic = cluster.durable("orders", Codec.of(Order.class), Duration.ofDays(7), 1_000_000_000)) {
 *     topic.publish(new Order("tea")); // returns when it is stored
 *     var reading = topic.read("billing", order -> System.out.println(order.item()));
 *     reading.close(); // "billing" goes on from here when it reads again
 * }
 * }
 *
 * <p><b>What it promises.</b> A value whose {@code publish} has returned is stored, and reaches each reader at least
 * once: again, if the handler has thrown, or if its node or the connection has ended before the handler returned. So
 * handlers must bear a value twice. Values come in their order, except those that come again. A full topic refuses
 * further values; it forgets a value only when it is older than the topic's age.
 *
 * <p><b>What it does not promise.</b> With a NATS server, values are on the disk of that server, as JetStream stores
 * them: with one copy, they are lost with this disk, and what the server has not synced when its machine loses power
 * (by default up to two minutes). Inside one process, they are in memory.
 *
 * @param <T> the type of the values
 */
public final class DurableTopic<T> implements AutoCloseable {
    private final String name;
    private final Codec<T> codec;
    private final DurableLog log;
    private final Consumer<DurableTopic<?>> whenClosed;
    private final Set<Reading> readings = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    /** Makes a topic; the last parameter is called when it is closed. */
    DurableTopic(String name, Codec<T> codec, DurableLog log, Consumer<DurableTopic<?>> whenClosed) {
        this.whenClosed = whenClosed;
        this.name = name;
        this.codec = codec;
        this.log = log;
    }

    /**
     * Handles the values of a reader.
     *
     * @param <T> the type of the values
     */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * Handles a value.
         *
         * @param value the value
         * @throws Exception if the value is not handled; then it comes again after a second
         */
        void handle(T value) throws Exception;
    }

    /** A reading that goes on until it is closed. */
    public interface Reading extends AutoCloseable {
        /**
         * Ends the reading, and waits for its end for at most two seconds. A handler that runs is interrupted, and its
         * value comes again.
         */
        @Override
        void close();
    }

    /**
     * Stores a value, and returns when it is stored. The thread must be allowed to block.
     *
     * @param value a value that the codec can write
     * @throws ClusterException if it is not stored, or if this is not known ({@link ClusterException#reason})
     * @throws InterruptedIOException if the thread was interrupted; then it may be stored
     * @throws IllegalArgumentException if the value cannot be written
     */
    public void publish(T value) throws IOException {
        try {
            publishAsync(value).toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClusterException failed
                    ? new ClusterException(failed.reason(), String.valueOf(failed.getMessage()))
                    : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a value was stored");
        }
    }

    /**
     * Stores a value.
     *
     * @param value a value that the codec can write
     * @return completes when the value is stored, or exceptionally with a {@link ClusterException}
     * @throws IllegalArgumentException if the value cannot be written
     */
    public CompletionStage<Void> publishAsync(T value) {
        Message written;
        try {
            written = Codecs.write(codec, value);
        } catch (Exception e) {
            throw new IllegalArgumentException("the value cannot be written: " + e.getMessage(), e);
        }
        var stored = new CompletableFuture<Void>();
        var _ = log.append(written).whenComplete((nothing, thrown) -> {
            if (thrown == null) {
                stored.complete(null);
            } else {
                stored.completeExceptionally(
                        thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown);
            }
        });
        return stored;
    }

    /**
     * Reads the values, one after another, from where the reader of this name has stopped. A new name begins with the
     * oldest value that is there. If several nodes read under one name, they share the values.
     *
     * @param reader the name, which must be valid for an action
     * @param handler called on a virtual thread; if it throws, the failure is logged, and the value comes again
     * @return the reading, which the caller or {@link #close} closes
     * @throws IllegalArgumentException if the name is not valid
     * @throws IllegalStateException if this object is closed
     * @throws IOException if the broker does not take the reader
     */
    public Reading read(String reader, Reader<T> handler) throws IOException {
        if (!ActionName.isValid(reader)) {
            throw new IllegalArgumentException("a reader's name must be " + ActionName.RULE);
        }
        if (isClosed) {
            throw new IllegalStateException("the durable topic '" + name + "' is closed");
        }
        Reading reading = new Begun(log.read(reader, message -> handler.handle(message.to(codec))));
        readings.add(reading);
        if (isClosed) {
            reading.close(); // while it began
        }
        return reading;
    }

    /** Ends the readings of this object. What is stored stays. */
    @Override
    public void close() {
        isClosed = true;
        readings.forEach(Reading::close);
        log.close();
        whenClosed.accept(this);
    }

    private final class Begun implements Reading {
        private final DurableLog.Reading inner;

        Begun(DurableLog.Reading inner) {
            this.inner = inner;
        }

        @Override
        public void close() {
            readings.remove(this);
            inner.close();
        }
    }

    @Override
    public String toString() {
        return "durable topic '" + name + "'";
    }
}
