package dev.parley;

import dev.parley.frame.FrameLimits;
import java.time.Duration;

/**
 * Bounds of messages; those of connections are {@link dev.parley.net.Limits}.
 *
 * @param frame how long a message may be
 * @param headerTimeout from the first byte of a message to the end of its header; default 10 s
 * @param contentTimeout from the end of the header to the end of the content, in all; default 30 s
 * @param inFlightMax requests of one connection whose handlers run at once; at so many a server stops reading from it,
 *     and a client keeps the next ones back; default 100
 * @param drainGrace how long the requests before a fatal error may still run before they are answered
 *     {@code unavailable}; default 10 s
 */
public record MessageLimits(
        FrameLimits frame, Duration headerTimeout, Duration contentTimeout, int inFlightMax, Duration drainGrace) {
    /** The defaults named above. */
    public static final MessageLimits DEFAULT = new MessageLimits(
            FrameLimits.DEFAULT, Duration.ofSeconds(10), Duration.ofSeconds(30), 100, Duration.ofSeconds(10));

    /** Checks the ranges. */
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

    /** These limits with another bound of messages' lengths. */
    public MessageLimits withFrame(FrameLimits other) {
        return new MessageLimits(other, headerTimeout, contentTimeout, inFlightMax, drainGrace);
    }

    /** These limits with another number of requests in flight. */
    public MessageLimits withInFlightMax(int other) {
        return new MessageLimits(frame, headerTimeout, contentTimeout, other, drainGrace);
    }
}
