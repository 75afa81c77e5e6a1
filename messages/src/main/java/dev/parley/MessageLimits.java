package dev.parley;

import dev.parley.frame.FrameLimits;
import java.time.Duration;

/**
 * Bounds of messages; those of connections are {@link dev.parley.net.Limits}.
 *
 * @param frame how long a message may be
 * @param headerTimeout from the first byte of a message to the end of its header; default 10 s
 * @param contentTimeout from the end of the header to the end of the content, in all; default 30 s
 */
public record MessageLimits(FrameLimits frame, Duration headerTimeout, Duration contentTimeout) {
    /** The defaults named above. */
    public static final MessageLimits DEFAULT =
            new MessageLimits(FrameLimits.DEFAULT, Duration.ofSeconds(10), Duration.ofSeconds(30));

    /** Checks that the timeouts are above zero. */
    public MessageLimits {
        if (!headerTimeout.isPositive() || !contentTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "headerTimeout is " + headerTimeout + ", contentTimeout " + contentTimeout + "; above zero");
        }
    }
}
