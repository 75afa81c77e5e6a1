package dev.parley;

import dev.parley.frame.FrameLimits;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The limits on messages and on silent peers, with their defaults: how long a message may be, how long it may take to
 * arrive, how many requests are handled at once, which contents the loop itself reads, and when a silent peer is pinged
 * and counts as lost. The limits on connections are in {@link dev.parley.net.Limits}. The timeouts for the arrival of a
 * message only apply to a server, since a client's calls have deadlines of their own. Immutable.
 *
 * {@snippet :
 * var limits = MessageLimits.DEFAULT
 *         .withFrame(FrameLimits.DEFAULT.withContentBytesMax(16 * 1024 * 1024))
 *         .withInFlightMax(10);
 * Server server = Server.builder()
 *         .limits(limits)
 *         .otherwise(request -> request)
 *         .listen("tcp://localhost:0");
 * }
 */
public final class MessageLimits {
    /** The defaults that the methods below name. */
    public static final MessageLimits DEFAULT = new MessageLimits(new Values());

    private final Values values;

    /** The values must not change after this call. */
    private MessageLimits(Values values) {
        this.values = values;
    }

    private MessageLimits with(Consumer<Values> change) {
        var changed = values.copy();
        change.accept(changed);
        return new MessageLimits(changed);
    }

    /** {@return the limits on the length of a message} */
    public FrameLimits frame() {
        return values.frame;
    }

    /**
     * {@return these limits with other limits on the length of a message}
     *
     * @param other the limits, whose ranges were checked when they were made
     */
    public MessageLimits withFrame(FrameLimits other) {
        return with(changed -> changed.frame = other);
    }

    /**
     * {@return the longest time from the first byte of a message to the end of its header; above zero; default 10 s}
     */
    public Duration headerTimeout() {
        return values.headerTimeout;
    }

    /**
     * {@return the longest time from the end of the header to the end of the content; above zero; default 30 s}
     */
    public Duration contentTimeout() {
        return values.contentTimeout;
    }

    /**
     * {@return these limits with other timeouts for a header and a content}
     *
     * @param header the new {@code headerTimeout}, above zero
     * @param content the new {@code contentTimeout}, above zero
     * @throws IllegalArgumentException if one of them is not above zero
     */
    public MessageLimits withTimeouts(Duration header, Duration content) {
        aboveZero("headerTimeout", header);
        aboveZero("contentTimeout", content);
        return with(changed -> {
            changed.headerTimeout = header;
            changed.contentTimeout = content;
        });
    }

    /**
     * {@return the maximum number of requests of one connection whose handlers run at once; at least 1; default 100} If
     * there are more requests, a server lets them wait, and reads at most 256 KiB of them; a client does not send them
     * yet.
     */
    public int inFlightMax() {
        return values.inFlightMax;
    }

    /**
     * {@return these limits with another {@code inFlightMax}}
     *
     * @param other the new limit, at least 1
     * @throws IllegalArgumentException if the limit is below 1
     */
    public MessageLimits withInFlightMax(int other) {
        atLeast(1, "inFlightMax", other);
        return with(changed -> changed.inFlightMax = other);
    }

    /**
     * {@return the maximum number of open streams of one connection; at least 0; default 100} A further stream gets
     * {@code busy}.
     */
    public int streamsMax() {
        return values.streamsMax;
    }

    /**
     * {@return these limits with another {@code streamsMax}}
     *
     * @param other the new limit, at least 0
     * @throws IllegalArgumentException if the limit is below 0
     */
    public MessageLimits withStreamsMax(int other) {
        atLeast(0, "streamsMax", other);
        return with(changed -> changed.streamsMax = other);
    }

    /**
     * {@return the maximum number of requests and streams of a whole server whose handlers run at once on virtual
     * threads; at least 1; default 10,000} A further request or stream gets {@code busy}.
     */
    public int inFlightTotalMax() {
        return values.inFlightTotalMax;
    }

    /**
     * {@return these limits with another {@code inFlightTotalMax}}
     *
     * @param other the new limit, at least 1
     * @throws IllegalArgumentException if the limit is below 1
     */
    public MessageLimits withInFlightTotalMax(int other) {
        atLeast(1, "inFlightTotalMax", other);
        return with(changed -> changed.inFlightTotalMax = other);
    }

    /**
     * {@return the time for which requests may still run if a fatal error follows them on their connection; zero or
     * more; default 10 s} After this time they get {@code unavailable}. The drain of a server
     * does not use it; {@link Server#drain} takes a time of its own.
     */
    public Duration drainGrace() {
        return values.drainGrace;
    }

    /**
     * {@return these limits with another {@code drainGrace}}
     *
     * @param other the new time, zero or more
     * @throws IllegalArgumentException if the time is negative
     */
    public MessageLimits withDrainGrace(Duration other) {
        if (other.isNegative()) {
            throw new IllegalArgumentException("drainGrace is " + other + "; it must be zero or more");
        }
        return with(changed -> changed.drainGrace = other);
    }

    /**
     * {@return the time for which the peer may be silent before we send it a ping; above zero; default 30 s} A client
     * pings whenever its server is silent; a server pings only while it handles requests of the client.
     */
    public Duration pingInterval() {
        return values.pingInterval;
    }

    /**
     * {@return the time in which the peer must respond to the ping; otherwise the connection counts as lost; above
     * zero; default 10 s}
     */
    public Duration pingTimeout() {
        return values.pingTimeout;
    }

    /**
     * {@return these limits with other times for detecting that a peer has vanished}
     *
     * @param interval the new {@code pingInterval}, above zero
     * @param timeout the new {@code pingTimeout}, above zero
     * @throws IllegalArgumentException if one of them is not above zero
     */
    public MessageLimits withPing(Duration interval, Duration timeout) {
        aboveZero("pingInterval", interval);
        aboveZero("pingTimeout", timeout);
        return with(changed -> {
            changed.pingInterval = interval;
            changed.pingTimeout = timeout;
        });
    }

    /**
     * {@return the age at which a server asks a client to use another connection; zero, the default, means never} The
     * age of each connection is up to a tenth longer, so that connections that began together do not end together.
     * Requests and streams under way finish first, as in {@link Server#drain}, but without a time limit. Only a client
     * that speaks our protocol can be asked.
     */
    public Duration connectionAgeMax() {
        return values.connectionAgeMax;
    }

    /**
     * {@return these limits with another {@code connectionAgeMax}} A limit lets the load spread over servers that were
     * added later.
     *
     * @param other the new age, zero or more; zero means no limit
     * @throws IllegalArgumentException if the age is negative
     */
    public MessageLimits withConnectionAgeMax(Duration other) {
        if (other.isNegative()) {
            throw new IllegalArgumentException("connectionAgeMax is " + other + "; it must be zero or more");
        }
        return with(changed -> changed.connectionAgeMax = other);
    }

    /** {@return the limits on the memory of a JSON request once it is parsed} They only apply to a server. */
    public JsonLimits json() {
        return values.json;
    }

    /**
     * {@return these limits with other limits on JSON}
     *
     * @param other the limits, whose ranges were checked when they were made
     */
    public MessageLimits withJson(JsonLimits other) {
        return with(changed -> changed.json = other);
    }

    /**
     * {@return the maximum length in bytes of a content that a server's loop itself reads, to find the action, or to
     * create the question for a handler on the loop; at least 0; default 131,072} A longer content is read by another
     * thread before the handler gets it.
     */
    public int onLoopBytesMax() {
        return values.onLoopBytesMax;
    }

    /**
     * {@return these limits with another {@code onLoopBytesMax}}
     *
     * @param other the new limit, at least 0
     * @throws IllegalArgumentException if the limit is below 0
     */
    public MessageLimits withOnLoopBytesMax(int other) {
        atLeast(0, "onLoopBytesMax", other);
        return with(changed -> changed.onLoopBytesMax = other);
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

    /** The value of each limit. A copy is changed, and only then becomes part of limits, whose values stay. */
    private static final class Values {
        FrameLimits frame = FrameLimits.DEFAULT;
        Duration headerTimeout = Duration.ofSeconds(10);
        Duration contentTimeout = Duration.ofSeconds(30);
        int inFlightMax = 100;
        int streamsMax = 100;
        int inFlightTotalMax = 10_000;
        Duration drainGrace = Duration.ofSeconds(10);
        Duration pingInterval = Duration.ofSeconds(30);
        Duration pingTimeout = Duration.ofSeconds(10);
        Duration connectionAgeMax = Duration.ZERO;
        JsonLimits json = JsonLimits.DEFAULT;
        int onLoopBytesMax = 128 * 1024;

        Values copy() {
            var copy = new Values();
            copy.frame = frame;
            copy.headerTimeout = headerTimeout;
            copy.contentTimeout = contentTimeout;
            copy.inFlightMax = inFlightMax;
            copy.streamsMax = streamsMax;
            copy.inFlightTotalMax = inFlightTotalMax;
            copy.drainGrace = drainGrace;
            copy.pingInterval = pingInterval;
            copy.pingTimeout = pingTimeout;
            copy.connectionAgeMax = connectionAgeMax;
            copy.json = json;
            copy.onLoopBytesMax = onLoopBytesMax;
            return copy;
        }
    }
}
