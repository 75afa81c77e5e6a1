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
 * @param inFlightMax requests of one connection whose handlers run at once, at least 1; at so many a server stops
 *     reading from it, and a client keeps the next ones back; default 100
 * @param drainGrace how long the requests before a fatal error may still run before they are answered {@code
 *     unavailable}; zero or more; default 10 s
 */
public record MessageLimits(
        FrameLimits frame, Duration headerTimeout, Duration contentTimeout, int inFlightMax, Duration drainGrace) {
    /** The defaults named above. */
    public static final MessageLimits DEFAULT = new MessageLimits(
            FrameLimits.DEFAULT, Duration.ofSeconds(10), Duration.ofSeconds(30), 100, Duration.ofSeconds(10));

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when one does not hold; the message names the limit and its range
     */
    public MessageLimits {
        if (!headerTimeout.isPositive() || !contentTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "headerTimeout is " + headerTimeout + ", contentTimeout " + contentTimeout + "; above zero");
        }
        if (inFlightMax < 1) {
            throw new IllegalArgumentException("inFlightMax is " + inFlightMax + "; at least 1");
        }
        if (drainGrace.isNegative()) {
            throw new IllegalArgumentException("drainGrace is " + drainGrace + "; zero or more");
        }
    }

    /**
     * {@return these limits with another bound of messages' lengths}
     *
     * @param other its ranges are checked where it is made
     */
    public MessageLimits withFrame(FrameLimits other) {
        return new MessageLimits(other, headerTimeout, contentTimeout, inFlightMax, drainGrace);
    }

    /**
     * {@return these limits with another number of requests in flight}
     *
     * @param other at least 1
     */
    public MessageLimits withInFlightMax(int other) {
        return new MessageLimits(frame, headerTimeout, contentTimeout, other, drainGrace);
    }
}
