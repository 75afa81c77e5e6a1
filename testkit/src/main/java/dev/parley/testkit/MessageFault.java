package dev.parley.testkit;

import dev.parley.testkit.FrameTap.Message;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The faults that a {@link FaultProxy} causes when a certain message passes, such as the third response to {@code
 * search}. Nothing happens until one of the methods below chooses a fault. If several methods are called, all of their
 * faults happen. The messages are counted from the first such call on, over all connections of the proxy; a message
 * that began earlier does not count. Any thread may use it.
 *
 * {@snippet :
 * try (var proxy = FaultProxy.start(Address.parse("tcp://localhost:65432"))) {
 *     MessageFault fault = proxy.onResponse("search", 3).delay(Duration.ofSeconds(1)).corrupt();
 *     System.out.println(fault.times()); // 0: no client has asked yet
 * }
 * }
 */
public final class MessageFault {
    /** One fault. It runs on the proxy's loop. */
    private interface Effect {
        void on(FaultSum faultSum, Message message, RandomGenerator random);
    }

    /** Adds a fault to the proxy. Called when the fault has its first effect. */
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

    /**
     * Makes a fault. If the action is null, it applies to messages of any action. If {@code nth} is 0, it applies to
     * every message.
     */
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

    /** Applies the fault to a message, if this is the chosen message. Called on the proxy's loop. */
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
     * Resets the connection, on both sides, instead of passing the message. Everything before the message still
     * arrives.
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
     * @param bytes the number of bytes, 0 or more; the first 2 bytes of a message are the length of its header; if the
     *     message has fewer bytes, all of it passes before the reset
     * @return this fault
     * @throws IllegalArgumentException if the number is below 0
     */
    public MessageFault resetAfter(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("reset after " + bytes + " bytes; 0 or more");
        }
        return add((faultSum, message, random) -> faultSum.resetAfterBytes = Math.min(bytes, message.bytes()));
    }

    /**
     * Drops the message, and everything after it on this connection in its direction. The connection stays open until
     * both peers have ended their directions.
     *
     * @return this fault
     */
    public MessageFault blackhole() {
        return add((faultSum, message, random) -> faultSum.blackholed = true);
    }

    /**
     * Drops only this message. The messages after it arrive as if it had not been sent.
     *
     * @return this fault
     */
    public MessageFault drop() {
        return add((faultSum, message, random) -> faultSum.dropped = true);
    }

    /**
     * Delays the message. Everything after it on this connection in its direction is delayed too, since a stream keeps
     * its order.
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
     * Changes one byte of the content, or of the header if the message has no content. The proxy's seed determines
     * which byte and how it changes.
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
     * @param offset the offset of the byte in the message, 0 or more; the header's opening brace is at 2; if the
     *     message is shorter, nothing is changed
     * @return this fault
     * @throws IllegalArgumentException if the number is below 0
     */
    public MessageFault corruptAt(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("the byte at " + offset + "; from 0 on");
        }
        return add((faultSum, message, random) -> faultSum.corruptedAt = offset);
    }

    /**
     * Runs code of the test, such as {@code proxy::down}, when the beginning of the message has reached the proxy, and
     * no part of it was passed on yet.
     *
     * @param action the code; it runs on the proxy's loop, and must not block
     * @return this fault
     */
    public MessageFault run(Runnable action) {
        return add((faultSum, message, random) -> action.run());
    }

    /**
     * {@return the number of messages to which this fault was applied; they may not have reached their receivers yet}
     */
    public int times() {
        return times.get();
    }
}
