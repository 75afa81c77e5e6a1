package dev.parley.tests.attack;

import dev.parley.Message;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The exceptions and errors that handlers throw: of any kind, each in turn. */
final class Thrown {
    private static final String BY_HAND = "by hand";

    private static final List<Function<String, Throwable>> KINDS = List.of(
            StackOverflowError::new,
            OutOfMemoryError::new,
            IllegalStateException::new,
            Exception::new,
            LinkageError::new,
            AssertionError::new,
            InterruptedException::new,
            Throwable::new);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private Thrown() {}

    static Message next() {
        Thrown.<RuntimeException>sneak(
                KINDS.get(COUNT.getAndIncrement() % KINDS.size()).apply(BY_HAND));
        return Message.text("never");
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable any) throws T {
        throw (T) any;
    }

    static boolean isByHand(Throwable thrown) {
        return BY_HAND.equals(thrown.getMessage());
    }
}
