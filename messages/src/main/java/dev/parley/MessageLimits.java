package dev.parley;

import dev.parley.frame.FrameLimits;
import java.time.Duration;

/**
 * The limits on messages and on silent peers, with their defaults: how long a message may be, how long it may take to
 * arrive, how many requests are handled at once, which contents the loop itself reads, and when a silent peer is pinged
 * and counts as lost. The limits on connections are in {@link
 * dev.parley.net.Limits}. The timeouts for the arrival of a message only apply to a server, since a client's calls have
 * deadlines of their own.
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
 * @param frame the limits on the length of a message
 * @param headerTimeout the longest time from the first byte of a message to the end of its header; above zero; default
 *     10 s
 * @param contentTimeout the longest time from the end of the header to the end of the content; above zero; default 30 s
 * @param inFlightMax the maximum number of requests of one connection whose handlers run at once, at least 1; default
 *     100. If there are more requests, a server lets them wait, and reads at most 256 KiB of them; a client does not
 *     send them yet
 * @param streamsMax the maximum number of open streams of one connection, at least 0; a further stream gets {@code
 *     busy}; default 100
 * @param inFlightTotalMax the maximum number of requests and streams of a whole server whose handlers run at once on
 *     virtual threads, at least 1; a further request or stream gets {@code busy}; default 10,000
 * @param drainGrace the time for which requests may still run if a fatal error follows them on their connection; after
 *     this time they get {@code unavailable}; zero or more; default 10 s
 * @param pingInterval the time for which the peer may be silent before we send it a ping; above zero; default 30 s. A
 *     client pings whenever its server is silent; a server pings only while it handles requests of the client
 * @param pingTimeout the time in which the peer must respond to the ping; otherwise the connection counts as lost;
 *     above zero; default 10 s
 * @param json the limits on the memory of a JSON request once it is parsed; they only apply to a server
 * @param onLoopBytesMax the maximum length in bytes of a content that a server's loop itself reads, to find the action,
 *     or to create the question for a handler on the loop; a longer content is read by another thread before the
 *     handler gets it; at least 0; default 131,072
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
    /** The default limits, with the default of each component. */
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
     * @throws IllegalArgumentException if a limit is out of its range; the message names the limit and its range
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
            throw new IllegalArgumentException("drainGrace is " + drainGrace + "; it must be zero or more");
        }
    }

    private static void aboveZero(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be above zero");
        }
    }

    private static void atLeast(int least, String name, int value) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
        }
    }

    /**
     * {@return these limits with other limits on the length of a message}
     *
     * @param other the limits, whose ranges were checked when they were made
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
     * {@return these limits with other timeouts for a header and a content}
     *
     * @param header the new {@code headerTimeout}, above zero
     * @param content the new {@code contentTimeout}, above zero
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
     * {@return these limits with another {@code inFlightMax}}
     *
     * @param other the new limit, at least 1
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
     * {@return these limits with another {@code streamsMax}}
     *
     * @param other the new limit, at least 0
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
     * {@return these limits with another {@code inFlightTotalMax}}
     *
     * @param other the new limit, at least 1
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
     * {@return these limits with another {@code drainGrace}}
     *
     * @param other the new time, zero or more
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
     * {@return these limits with other times for detecting that a peer has vanished}
     *
     * @param interval the new {@code pingInterval}, above zero
     * @param timeout the new {@code pingTimeout}, above zero
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
     * {@return these limits with other limits on JSON}
     *
     * @param other the limits, whose ranges were checked when they were made
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
     * {@return these limits with another {@code onLoopBytesMax}}
     *
     * @param other the new limit, at least 0
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
