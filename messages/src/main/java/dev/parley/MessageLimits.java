package dev.parley;

import dev.parley.frame.FrameLimits;
import java.time.Duration;

/**
 * Bounds of messages; those of connections are {@link dev.parley.net.Limits}. The times are a server's: a client's
 * calls have deadlines of their own.
 *
 * {@snippet :
 * var limits = MessageLimits.DEFAULT
 *         .withFrame(new FrameLimits(8_192, 16 * 1024 * 1024)) // bytes of the header, bytes of the content
 *         .withInFlightMax(10);
 * Server server = Server.builder()
 *         .limits(limits)
 *         .otherwise(request -> request)
 *         .listen("tcp://localhost:0");
 * }
 *
 * @param frame how long a message may be
 * @param headerTimeout from the first byte of a message to the end of its header; above zero; default 10 s
 * @param contentTimeout from the end of the header to the end of the content, in all; above zero; default 30 s
 * @param inFlightMax requests of one connection whose handlers run at once, at least 1; at so many a server holds
 *     the next one and reads nothing behind it, and a client keeps the next ones back; default 100
 * @param streamsMax open streams of one connection, at least 0; one more is answered {@code busy}; default 100
 * @param inFlightTotalMax requests and streams of a whole server whose handlers run at once on virtual threads, at
 *     least 1; one more is answered {@code busy}; default 10,000
 * @param drainGrace how long the requests before a fatal error may still run before they are answered {@code
 *     unavailable}; zero or more; default 10 s
 * @param pingInterval how long a peer that owes us something may say nothing before it is asked whether it is alive;
 *     above zero; default 30 s
 * @param pingTimeout how long it may take to answer that before the connection counts as lost; above zero; default 10 s
 * @param json how much a request that is JSON may make of itself in memory; a server's
 * @param onLoopBytesMax how long a content may be that a server's loop itself looks through for the action, or binds to
 *     the question of a handler on the loop; a longer one is prepared by another thread before the handler gets it; at
 *     least 0; default 131,072
 */
public record MessageLimits(
        FrameLimits frame,
        Duration headerTimeout,
        Duration contentTimeout,
        int inFlightMax,
        int streamsMax,
        int inFlightTotalMax,
        Duration drainGrace,
        Duration pingInterval,
        Duration pingTimeout,
        JsonLimits json,
        int onLoopBytesMax) {
    /** The defaults named above. */
    public static final MessageLimits DEFAULT = new MessageLimits(
            FrameLimits.DEFAULT,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            100,
            100,
            10_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            JsonLimits.DEFAULT,
            128 * 1024);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when one does not hold; the message names the limit and its range
     */
    public MessageLimits {
        aboveZero("headerTimeout", headerTimeout);
        aboveZero("contentTimeout", contentTimeout);
        aboveZero("pingInterval", pingInterval);
        aboveZero("pingTimeout", pingTimeout);
        atLeast(1, "inFlightMax", inFlightMax);
        atLeast(0, "streamsMax", streamsMax);
        atLeast(1, "inFlightTotalMax", inFlightTotalMax);
        atLeast(0, "onLoopBytesMax", onLoopBytesMax);
        if (drainGrace.isNegative()) {
            throw new IllegalArgumentException("drainGrace is " + drainGrace + "; zero or more");
        }
    }

    private static void aboveZero(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " is " + value + "; above zero");
        }
    }

    private static void atLeast(int least, String name, int value) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; at least " + least);
        }
    }

    /**
     * {@return these limits with another bound of messages' lengths}
     *
     * @param other its ranges are checked where it is made
     */
    public MessageLimits withFrame(FrameLimits other) {
        return new MessageLimits(
                other,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                streamsMax,
                inFlightTotalMax,
                drainGrace,
                pingInterval,
                pingTimeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with other times for a header and a content}
     *
     * @param header above zero
     * @param content above zero
     */
    public MessageLimits withTimeouts(Duration header, Duration content) {
        return new MessageLimits(
                frame,
                header,
                content,
                inFlightMax,
                streamsMax,
                inFlightTotalMax,
                drainGrace,
                pingInterval,
                pingTimeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with another number of requests in flight}
     *
     * @param other at least 1
     */
    public MessageLimits withInFlightMax(int other) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                other,
                streamsMax,
                inFlightTotalMax,
                drainGrace,
                pingInterval,
                pingTimeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with another number of open streams}
     *
     * @param other at least 0
     */
    public MessageLimits withStreamsMax(int other) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                other,
                inFlightTotalMax,
                drainGrace,
                pingInterval,
                pingTimeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with another number of requests and streams in flight in all}
     *
     * @param other at least 1
     */
    public MessageLimits withInFlightTotalMax(int other) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                streamsMax,
                other,
                drainGrace,
                pingInterval,
                pingTimeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with another grace for what runs when its connection ends}
     *
     * @param other zero or more
     */
    public MessageLimits withDrainGrace(Duration other) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                streamsMax,
                inFlightTotalMax,
                other,
                pingInterval,
                pingTimeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with other times for finding out that a peer has vanished}
     *
     * @param interval above zero
     * @param timeout above zero
     */
    public MessageLimits withPing(Duration interval, Duration timeout) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                streamsMax,
                inFlightTotalMax,
                drainGrace,
                interval,
                timeout,
                json,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with another bound of what JSON may make of itself}
     *
     * @param other its ranges are checked where it is made
     */
    public MessageLimits withJson(JsonLimits other) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                streamsMax,
                inFlightTotalMax,
                drainGrace,
                pingInterval,
                pingTimeout,
                other,
                onLoopBytesMax);
    }

    /**
     * {@return these limits with another bound of what a loop itself looks through}
     *
     * @param other at least 0
     */
    public MessageLimits withOnLoopBytesMax(int other) {
        return new MessageLimits(
                frame,
                headerTimeout,
                contentTimeout,
                inFlightMax,
                streamsMax,
                inFlightTotalMax,
                drainGrace,
                pingInterval,
                pingTimeout,
                json,
                other);
    }
}
