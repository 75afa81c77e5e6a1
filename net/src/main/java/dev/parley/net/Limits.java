package dev.parley.net;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * The limits of connections, with their defaults: how long a connect, silence, a stalled write and a lingering close
 * may last, how many connections may be open, and how many bytes may be queued. A timeout never fires early, and fires
 * at most a second late. Immutable.
 *
 * {@snippet :
 * Limits limits = Limits.DEFAULT
 *         .withIdleTimeout(Duration.ofMinutes(1))
 *         .withConnectionsMax(100);
 * EventLoop loop = EventLoop.builder().limits(limits).start();
 * }
 */
public final class Limits {
    /** The defaults that the methods below name. */
    public static final Limits DEFAULT = new Limits(new Values());

    private final Values values;

    /** The values must not change after this call. */
    private Limits(Values values) {
        this.values = values;
    }

    private Limits with(Consumer<Values> change) {
        var changed = values.copy();
        change.accept(changed);
        return new Limits(changed);
    }

    /** {@return how long a whole connect may take, over all addresses of a name; above zero; default 10 s} */
    public Duration connectTimeout() {
        return values.connectTimeout;
    }

    /**
     * {@return these limits with another connect timeout}
     *
     * @param timeout above zero
     * @throws IllegalArgumentException if the timeout is zero or negative
     */
    public Limits withConnectTimeout(Duration timeout) {
        notNegative("connectTimeout", timeout);
        if (timeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout is zero; a connect needs a bound");
        }
        return with(changed -> changed.connectTimeout = timeout);
    }

    /**
     * {@return how long a connection may be without a byte in either direction; zero means no limit; default 5 min}
     */
    public Duration idleTimeout() {
        return values.idleTimeout;
    }

    /**
     * {@return these limits with another idle timeout}
     *
     * @param timeout zero or more; zero means no limit
     * @throws IllegalArgumentException if the timeout is negative
     */
    public Limits withIdleTimeout(Duration timeout) {
        notNegative("idleTimeout", timeout);
        return with(changed -> changed.idleTimeout = timeout);
    }

    /**
     * {@return how long the peer may take none of the bytes that we have for it; zero means no limit; default 10 s}
     * With the default, a peer that reads steadily is not cut off if it reads at least 15 KB/s, over TCP or over a Unix
     * socket.
     */
    public Duration writeTimeout() {
        return values.writeTimeout;
    }

    /**
     * {@return these limits with another write timeout}
     *
     * @param timeout zero or more; zero means no limit
     * @throws IllegalArgumentException if the timeout is negative
     */
    public Limits withWriteTimeout(Duration timeout) {
        notNegative("writeTimeout", timeout);
        return with(changed -> changed.writeTimeout = timeout);
    }

    /** {@return how long a lingering close waits for the peer's end; zero means that it does not wait; default 2 s} */
    public Duration lingerTimeout() {
        return values.lingerTimeout;
    }

    /** {@return how many bytes a lingering close reads and drops; 0 or more; default 1 MiB} */
    public int lingerBytesMax() {
        return values.lingerBytesMax;
    }

    /**
     * {@return these limits with other bounds of a lingering close}
     *
     * @param timeout the new {@code lingerTimeout}, zero or more; zero means that a close does not wait
     * @param bytesMax the new {@code lingerBytesMax}, 0 or more
     * @throws IllegalArgumentException if one of them is negative
     */
    public Limits withLinger(Duration timeout, int bytesMax) {
        notNegative("lingerTimeout", timeout);
        if (bytesMax < 0) {
            throw new IllegalArgumentException("lingerBytesMax is " + bytesMax + "; it must be at least 0");
        }
        return with(changed -> {
            changed.lingerTimeout = timeout;
            changed.lingerBytesMax = bytesMax;
        });
    }

    /**
     * {@return how many accepted connections may be open at once on one listener; at least 1; default 10,000} Further
     * connections are turned away, see {@link Receiver#turnedAway}. If the system's limit of open files leaves no room
     * for this many connections and up to 256 other descriptors, listening reports that to
     * {@link LoopObserver#warned}.
     */
    public int connectionsMax() {
        return values.connectionsMax;
    }

    /**
     * {@return these limits with another number of connections}
     *
     * @param connections at least 1
     * @throws IllegalArgumentException if the number is below 1
     */
    public Limits withConnectionsMax(int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("connectionsMax is " + connections + "; it must be at least 1");
        }
        return with(changed -> changed.connectionsMax = connections);
    }

    /**
     * {@return the number of queued bytes from which on {@code send} returns false, and an accepted connection is not
     * read until its queue is empty; at least 1; default 64 KiB}
     */
    public int queuedBytesHigh() {
        return values.queuedBytesHigh;
    }

    /**
     * {@return the number of queued bytes from which on a further {@code send} closes the connection with
     * {@link CloseReason#LIMIT}; not below {@link #queuedBytesHigh}; default 64 MiB}
     */
    public int queuedBytesMax() {
        return values.queuedBytesMax;
    }

    /**
     * {@return these limits with other values of {@code queuedBytesHigh} and {@code queuedBytesMax}}
     *
     * @param high the value of {@code queuedBytesHigh}, at least 1
     * @param max the value of {@code queuedBytesMax}, not below {@code high}
     * @throws IllegalArgumentException if {@code high} is below 1, or {@code max} below {@code high}
     */
    public Limits withQueuedBytes(int high, int max) {
        if (high < 1 || max < high) {
            throw new IllegalArgumentException("queuedBytesHigh is " + high + " and queuedBytesMax " + max
                    + "; both must be at least 1, and the maximum not below the high mark");
        }
        return with(changed -> {
            changed.queuedBytesHigh = high;
            changed.queuedBytesMax = max;
        });
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be zero or more");
        }
    }

    /** The value of each limit. A copy is changed, and only then becomes part of limits, whose values stay. */
    private static final class Values {
        Duration connectTimeout = Duration.ofSeconds(10);
        Duration idleTimeout = Duration.ofMinutes(5);
        Duration writeTimeout = Duration.ofSeconds(10);
        Duration lingerTimeout = Duration.ofSeconds(2);
        int lingerBytesMax = 1024 * 1024;
        int connectionsMax = 10_000;
        int queuedBytesHigh = 64 * 1024;
        int queuedBytesMax = 64 * 1024 * 1024;

        Values copy() {
            var copy = new Values();
            copy.connectTimeout = connectTimeout;
            copy.idleTimeout = idleTimeout;
            copy.writeTimeout = writeTimeout;
            copy.lingerTimeout = lingerTimeout;
            copy.lingerBytesMax = lingerBytesMax;
            copy.connectionsMax = connectionsMax;
            copy.queuedBytesHigh = queuedBytesHigh;
            copy.queuedBytesMax = queuedBytesMax;
            return copy;
        }
    }
}
