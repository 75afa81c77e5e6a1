package dev.parley.testkit;

import dev.parley.testkit.FrameTap.Message;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The faults that a {@link FaultProxy} causes when a certain message passes, such as the third response to {@code
 * search}. Nothing happens until one of the methods below chooses a fault; if several are called, all of their faults
 * happen. From then on, messages are counted over all connections of the proxy, and only those that begin later count.
 * Any thread may use it.
 *
 * {@snippet :
 * try (var proxy = FaultProxy.start(Address.parse("tcp://localhost:65432"))) {
 *     MessageFault fault = proxy.onResponse("search", 3).delay(Duration.ofSeconds(1)).corrupt();
 *     System.out.println(fault.times()); // 0: no client has asked yet
 * }
 * }
 */
public final class MessageFault {
    /** One fault; it runs on the proxy's loop. */
    private interface Effect {
        void on(FaultSum faultSum, Message message, RandomGenerator random);
    }

    /** Adds a fault to the proxy once it has an effect. */
    interface Registry {
        void add(MessageFault fault);
    }

    private final Registry registry;
    private final @Nullable String action;
    private final int nth;
    private final AtomicInteger times = new AtomicInteger();
    private volatile Effect effect = (faultSum, message, random) -> {};
    private boolean added;
    private int seen;

    /** Makes a fault; a null action means any action, and an nth of 0 every message. */
    MessageFault(Registry registry, @Nullable String action, int nth) {
        if (nth < 0) {
            throw new IllegalArgumentException("the message number " + nth + "; from 1 on");
        }
        this.registry = registry;
        this.action = action;
        this.nth = nth;
    }

    private synchronized MessageFault add(Effect next) {
        Effect before = effect;
        effect = (faultSum, message, random) -> {
            before.on(faultSum, message, random);
            next.on(faultSum, message, random);
        };
        if (!added) {
            added = true;
            registry.add(this);
        }
        return this;
    }

    /** Applies the fault to a message if it is the chosen one; called on the proxy's loop only. */
    void meet(FaultSum faultSum, Message message, RandomGenerator random) {
        if (action == null || action.equals(message.action())) {
            seen++;
            if (nth == 0 || nth == seen) {
                effect.on(faultSum, message, random);
                times.incrementAndGet();
            }
        }
    }

    /**
     * Resets the connection, on both sides, in place of the message; everything before it still arrives.
     *
     * @return this fault
     */
    public MessageFault reset() {
        return resetAfter(0);
    }

    /**
     * Lets half of the message pass, and then resets the connection on both sides.
     *
     * @return this fault
     */
    public MessageFault cut() {
        return add((faultSum, message, random) -> faultSum.resetAfterBytes = message.bytes() / 2);
    }

    /**
     * Lets this number of bytes of the message pass, and then resets the connection on both sides.
     *
     * @param bytes 0 or more, of which the first 2 are the length of the header; a message with fewer bytes passes
     *     whole before the reset
     * @return this fault
     * @throws IllegalArgumentException if it is below 0
     */
    public MessageFault resetAfter(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("reset after " + bytes + " bytes; 0 or more");
        }
        return add((faultSum, message, random) -> faultSum.resetAfterBytes = Math.min(bytes, message.bytes()));
    }

    /**
     * Makes the message vanish, and everything behind it on this connection in its direction; the connection stays
     * open.
     *
     * @return this fault
     */
    public MessageFault blackhole() {
        return add((faultSum, message, random) -> faultSum.blackholed = true);
    }

    /**
     * Makes only the message vanish; those behind it arrive as if it had not been sent.
     *
     * @return this fault
     */
    public MessageFault drop() {
        return add((faultSum, message, random) -> faultSum.dropped = true);
    }

    /**
     * Delays the message, and everything behind it on this connection in its direction, since a stream keeps its order.
     *
     * @param time the delay by the proxy's ticker; zero or more
     * @return this fault
     * @throws IllegalArgumentException if the time is negative
     */
    public MessageFault delay(Duration time) {
        long nanos = Toxics.nanos("a delay", time);
        return add((faultSum, message, random) -> faultSum.delayNanos += nanos);
    }

    /**
     * Changes one byte of the content at random, by the proxy's seed; one of the header if the message has no content.
     *
     * @return this fault
     */
    public MessageFault corrupt() {
        return add((faultSum, message, random) -> {
            long from = message.headerBytes() < message.bytes() ? message.headerBytes() : 0;
            faultSum.corruptedAt = random.nextLong(from, message.bytes());
        });
    }

    /**
     * Changes one byte of the message.
     *
     * @param offset the offset of the byte, 0 or more; the header's brace is at 2; an offset beyond the message changes
     *     nothing
     * @return this fault
     * @throws IllegalArgumentException if it is below 0
     */
    public MessageFault corruptAt(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("the byte at " + offset + "; from 0 on");
        }
        return add((faultSum, message, random) -> faultSum.corruptedAt = offset);
    }

    /**
     * Runs code of the test, such as {@code proxy::down}, when the message has reached the proxy and nothing of it has
     * been passed on.
     *
     * @param action runs on the proxy's loop, and must not block
     * @return this fault
     */
    public MessageFault run(Runnable action) {
        return add((faultSum, message, random) -> action.run());
    }

    /** {@return the number of messages to which it was applied, which may not have reached their receivers yet} */
    public int times() {
        return times.get();
    }
}
