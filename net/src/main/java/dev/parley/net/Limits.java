package dev.parley.net;

import java.time.Duration;

/**
 * The limits of connections, with their defaults: how long a connect, silence, a stalled write and a lingering close
 * may last, how many connections may be open, and how many bytes may be queued. A timeout never fires early, and fires
 * at most a second late.
 *
 * {@snippet :
 * Limits limits = Limits.DEFAULT
 *         .withIdleTimeout(Duration.ofMinutes(1))
 *         .withConnectionsMax(100);
 * EventLoop loop = EventLoop.builder().limits(limits).start();
 * }
 *
 * @param connectTimeout how long a whole connect may take, over all addresses of a name; above zero; default 10 s
 * @param idleTimeout how long a connection may be without a byte in either direction; default 5 min; zero means no
 *     limit
 * @param writeTimeout how long the peer may take none of the bytes that we have for it; default 10 s; zero means no
 *     limit. With the default, a peer that reads steadily is not cut off if it reads at least 15 KB/s, over TCP or over
 *     a Unix socket
 * @param lingerTimeout how long a lingering close waits for the peer's end; default 2 s; zero means that it does not
 *     wait
 * @param lingerBytesMax how many bytes a lingering close reads and drops, 0 or more; default 1 MiB
 * @param connectionsMax how many accepted connections may be open at once on one listener, at least 1; further
 *     connections are turned away, see {@link Receiver#turnedAway}; if the system's limit of open files leaves no room
 *     for this many connections and up to 256 other descriptors, listening reports that to {@link LoopObserver#warned};
 *     default 10,000
 * @param queuedBytesHigh if at least this many bytes are queued, {@code send} returns false, and an accepted connection
 *     is not read until its queue is empty; at least 1; default 64 KiB
 * @param queuedBytesMax if at least this many bytes are queued, a further {@code send} closes the connection with
 *     {@link CloseReason#LIMIT}; not below {@code queuedBytesHigh}; default 64 MiB
 */
public record Limits(
        Duration connectTimeout,
        Duration idleTimeout,
        Duration writeTimeout,
        Duration lingerTimeout,
        int lingerBytesMax,
        int connectionsMax,
        int queuedBytesHigh,
        int queuedBytesMax) {
    /** The defaults that are named above. */
    public static final Limits DEFAULT = new Limits(
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            1024 * 1024,
            10_000,
            64 * 1024,
            64 * 1024 * 1024);

    /**
     * Checks the ranges and the relations between the limits.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names the limit and its range
     */
    public Limits {
        notNegative("connectTimeout", connectTimeout);
        notNegative("idleTimeout", idleTimeout);
        notNegative("writeTimeout", writeTimeout);
        notNegative("lingerTimeout", lingerTimeout);
        if (connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout is zero; a connect needs a bound");
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException("connectionsMax is " + connectionsMax + "; it must be at least 1");
        }
        if (lingerBytesMax < 0) {
            throw new IllegalArgumentException("lingerBytesMax is " + lingerBytesMax + "; it must be at least 0");
        }
        if (queuedBytesHigh < 1 || queuedBytesMax < queuedBytesHigh) {
            throw new IllegalArgumentException("queuedBytesHigh is " + queuedBytesHigh + " and queuedBytesMax "
                    + queuedBytesMax + "; both must be at least 1, and the maximum not below the high mark");
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be zero or more");
        }
    }

    /**
     * {@return these limits with another connect timeout}
     *
     * @param timeout above zero
     */
    public Limits withConnectTimeout(Duration timeout) {
        return new Limits(
                timeout,
                idleTimeout,
                writeTimeout,
                lingerTimeout,
                lingerBytesMax,
                connectionsMax,
                queuedBytesHigh,
                queuedBytesMax);
    }

    /**
     * {@return these limits with another idle timeout}
     *
     * @param timeout zero or more; zero means no limit
     */
    public Limits withIdleTimeout(Duration timeout) {
        return new Limits(
                connectTimeout,
                timeout,
                writeTimeout,
                lingerTimeout,
                lingerBytesMax,
                connectionsMax,
                queuedBytesHigh,
                queuedBytesMax);
    }

    /**
     * {@return these limits with another write timeout}
     *
     * @param timeout zero or more; zero means no limit
     */
    public Limits withWriteTimeout(Duration timeout) {
        return new Limits(
                connectTimeout,
                idleTimeout,
                timeout,
                lingerTimeout,
                lingerBytesMax,
                connectionsMax,
                queuedBytesHigh,
                queuedBytesMax);
    }

    /**
     * {@return these limits with another number of connections}
     *
     * @param connections at least 1
     */
    public Limits withConnectionsMax(int connections) {
        return new Limits(
                connectTimeout,
                idleTimeout,
                writeTimeout,
                lingerTimeout,
                lingerBytesMax,
                connections,
                queuedBytesHigh,
                queuedBytesMax);
    }

    /**
     * {@return these limits with other values of {@code queuedBytesHigh} and {@code queuedBytesMax}}
     *
     * @param high the value of {@code queuedBytesHigh}, at least 1
     * @param max the value of {@code queuedBytesMax}, not below {@code high}
     */
    public Limits withQueuedBytes(int high, int max) {
        return new Limits(
                connectTimeout, idleTimeout, writeTimeout, lingerTimeout, lingerBytesMax, connectionsMax, high, max);
    }
}
