package dev.parley.testkit;

import dev.parley.testkit.FrameTap.Message;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FaultProxy} does when a certain message goes by, such as the third response to {@code search}. Nothing
 * happens before one of the methods below says what; of several, each happens. Messages are counted from then on, over
 * all connections of the proxy, and only those that begin after it. Any thread.
 *
 * {@snippet :
 * try (var proxy = FaultProxy.start(Address.parse("tcp://localhost:65432"))) {
 *     MessageFault fault = proxy.onResponse("search", 3).delay(Duration.ofSeconds(1)).corrupt();
 *     System.out.println(fault.times()); // 0: nobody has asked yet
 * }
 * }
 */
public final class MessageFault {
    /** One of the things that happen; on the proxy's loop. */
    private interface Effect {
        void on(FaultSum faultSum, Message message, RandomGenerator random);
    }

    /** Adds it to the proxy, once it has something to do. */
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

    /** A null action is any, and an nth of 0 each one. */
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

    /** On the proxy's loop alone. */
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
     * Resets the connection in the message's place, on both sides; what came before it still arrives.
     *
     * @return this fault
     */
    public MessageFault reset() {
        return resetAfter(0);
    }

    /**
     * Lets half of the message pass and resets the connection then, on both sides.
     *
     * @return this fault
     */
    public MessageFault cut() {
        return add((faultSum, message, random) -> faultSum.resetAfterBytes = message.bytes() / 2);
    }

    /**
     * Lets so many bytes of the message pass and resets the connection then, on both sides.
     *
     * @param bytes from 0 on, where 2 are the length of the header; one that has fewer bytes passes whole before
     * @return this fault
     * @throws IllegalArgumentException below 0
     */
    public MessageFault resetAfter(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("reset after " + bytes + " bytes; 0 or more");
        }
        return add((faultSum, message, random) -> faultSum.resetAfterBytes = Math.min(bytes, message.bytes()));
    }

    /**
     * The message vanishes, and whatever comes behind it on this connection in its direction; the connection stays.
     *
     * @return this fault
     */
    public MessageFault blackhole() {
        return add((faultSum, message, random) -> faultSum.blackholed = true);
    }

    /**
     * The message alone vanishes; those behind it arrive as if it had not been sent.
     *
     * @return this fault
     */
    public MessageFault drop() {
        return add((faultSum, message, random) -> faultSum.dropped = true);
    }

    /**
     * The message waits, and whatever comes behind it on this connection in its direction, as a stream keeps its order.
     *
     * @param time by the proxy's ticker; zero or more
     * @return this fault
     * @throws IllegalArgumentException when the time is negative
     */
    public MessageFault delay(Duration time) {
        long nanos = Toxics.nanos("a delay", time);
        return add((faultSum, message, random) -> faultSum.delayNanos += nanos);
    }

    /**
     * Changes one byte of the content, drawn from the proxy's seed; of the header where the message has no content.
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
     * @param offset from 0 on, where 2 is the header's brace; one that the message does not have changes nothing
     * @return this fault
     * @throws IllegalArgumentException below 0
     */
    public MessageFault corruptAt(long offset) {
        if (offset < 0) {
            throw new IllegalArgumentException("the byte at " + offset + "; from 0 on");
        }
        return add((faultSum, message, random) -> faultSum.corruptedAt = offset);
    }

    /**
     * Runs code of the test when the message has come to the proxy and nothing of it has gone on, such as
     * {@code proxy::down}.
     *
     * @param action on the proxy's loop; must not block
     * @return this fault
     */
    public MessageFault run(Runnable action) {
        return add((faultSum, message, random) -> action.run());
    }

    /** {@return how many messages it has met; a message may still be on its way to its receiver then} */
    public int times() {
        return times.get();
    }
}
