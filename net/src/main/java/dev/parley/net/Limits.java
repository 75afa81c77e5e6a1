package dev.parley.net;

import java.time.Duration;

/**
 * Every bound and timeout of connections. A timeout fires within a second after its time.
 *
 * @param connectTimeout for a whole connect, over all addresses of a name; default 10 s
 * @param idleTimeout without a byte in either direction; default 5 min; zero means never
 * @param writeTimeout with bytes to send and none taken by the peer; default 10 s; zero means never
 * @param lingerTimeout how long a lingering close waits for the peer's end; default 2 s
 * @param lingerBytesMax how many bytes a lingering close reads and drops; default 1 MiB
 * @param connectionsMax accepted connections open at once on one listener; the next one is closed at once; default
 *     10,000
 * @param queuedBytesHigh from here on, {@code send} answers false and an accepted connection is not read until its
 *     queue has drained; default 64 KiB
 * @param queuedBytesMax a connection whose sender goes on all the same is closed with {@link CloseReason#LIMIT};
 *     default 64 MiB
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
    /** The defaults named above. */
    public static final Limits DEFAULT = new Limits(
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            1024 * 1024,
            10_000,
            64 * 1024,
            64 * 1024 * 1024);

    /** Checks the ranges and the relations between the limits. */
    public Limits {
        notNegative("connectTimeout", connectTimeout);
        notNegative("idleTimeout", idleTimeout);
        notNegative("writeTimeout", writeTimeout);
        notNegative("lingerTimeout", lingerTimeout);
        if (connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout is zero; a connect needs a bound");
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException("connectionsMax is " + connectionsMax + "; at least 1");
        }
        if (lingerBytesMax < 0) {
            throw new IllegalArgumentException("lingerBytesMax is " + lingerBytesMax + "; at least 0");
        }
        if (queuedBytesHigh < 1 || queuedBytesMax < queuedBytesHigh) {
            throw new IllegalArgumentException("queuedBytesHigh is " + queuedBytesHigh + " and queuedBytesMax "
                    + queuedBytesMax + "; at least 1, and the maximum not below the high mark");
        }
    }

    private static void notNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " is " + value + "; zero or more");
        }
    }

    /** These limits with another connect timeout. */
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

    /** These limits with another idle timeout; zero means never. */
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

    /** These limits with another write timeout; zero means never. */
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

    /** These limits with another number of connections. */
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

    /** These limits with other marks of the send queue, in bytes. */
    public Limits withQueuedBytes(int high, int max) {
        return new Limits(
                connectTimeout, idleTimeout, writeTimeout, lingerTimeout, lingerBytesMax, connectionsMax, high, max);
    }
}
