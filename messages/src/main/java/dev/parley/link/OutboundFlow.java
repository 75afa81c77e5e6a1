package dev.parley.link;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends the values of a publisher in an outgoing direction. It requests a few values at a time, and more when these
 * were sent, so a slow reader holds back the publisher, without a thread that waits. The publisher may call it on any
 * thread, one at a time.
 */
public final class OutboundFlow<T> implements Flow.Subscriber<T> {
    /** The number of values that are requested at once. */
    private static final int BATCH = 16;

    private final EventLoop loop;
    private final StreamSender sender;
    private final Function<T, Message> type;
    private final Consumer<@Nullable Throwable> whenOver;

    /** The publisher is called as part of this exchange, which has made the stream; null if there is none. */
    private final @Nullable ServerExchange exchange;

    private final Queue<Message> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean due = new AtomicBoolean();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean completed;
    private volatile @Nullable Throwable failure;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Runnable observer = this::sendSoon;

    /** The number of values that were sent and not requested again. Used only on the loop's thread. */
    private int unrequested;

    /**
     * Makes a subscriber that sends what it gets.
     *
     * @param exchange the exchange to which the publisher's own calls belong; null if they belong to none
     * @param whenOver called once on the loop's thread, or on any thread if the loop is closed: with null when the
     *     publisher has completed and everything was taken by the direction, otherwise with the reason. The direction
     *     itself has not ended
     */
    public OutboundFlow(
            EventLoop loop,
            @Nullable ServerExchange exchange,
            StreamSender sender,
            Function<T, Message> type,
            Consumer<@Nullable Throwable> whenOver) {
        this.loop = loop;
        this.sender = sender;
        this.type = type;
        this.whenOver = whenOver;
        this.exchange = exchange;
        sender.observe(observer);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        if (subscription != null || over.get()) {
            cancel(given);
            return;
        }
        subscription = given;
        onLoop(() -> request(given, BATCH));
        if (over.get()) {
            onLoop(() -> cancel(given)); // another thread gave up after the check above, and saw no subscription
        }
        sendSoon(); // the stream may be over already, and then nothing wakes this flow
    }

    /**
     * Calls the subscription on the loop's thread, one call at a time, as a subscriber must (Reactive Streams, rule
     * 2.7). If the loop is closed, nothing runs there any more.
     */
    private void onLoop(Runnable call) {
        if (loop.isCurrent() || !loop.tryExecute(call)) {
            call.run();
        }
    }

    /** Requests values. If the publisher throws, the stream ends with that. */
    private void request(Flow.Subscription from, int count) {
        try {
            CurrentExchange.run(loop, exchange, () -> from.request(count));
        } catch (Throwable thrown) {
            onError(thrown);
        }
    }

    /** Cancels a subscription. If the publisher throws, nothing else is affected. */
    private void cancel(Flow.Subscription from) {
        try {
            CurrentExchange.run(loop, exchange, from::cancel);
        } catch (Throwable thrown) {
            loop.observer().failed("cancelling the subscription of a stream failed", thrown);
        }
    }

    @Override
    public void onNext(T value) {
        if (over.get()) {
            return;
        }
        try {
            unsent.add(type.apply(value));
        } catch (Throwable notWritten) {
            onError(notWritten);
            return;
        }
        sendSoon();
    }

    @Override
    public void onError(Throwable thrown) {
        failure = thrown;
        sendSoon();
    }

    @Override
    public void onComplete() {
        completed = true;
        sendSoon();
    }

    private void sendSoon() {
        if (!over.get() && due.compareAndSet(false, true) && !loop.tryExecute(this::send)) {
            IOException stopped = sender.failureOrNull();
            end(stopped == null ? new ExchangeEndedException("the loop is closed") : stopped);
        }
    }

    private void send() {
        due.set(false);
        if (over.get()) {
            return;
        }
        try {
            boolean isComplete = completed; // read before the queue, so that nothing was added to it later
            Throwable thrown = failure;
            sendUnsent();
            IOException stopped = sender.failureOrNull();
            if (stopped != null) {
                end(stopped);
            } else if (unsent.isEmpty() && thrown != null) {
                end(thrown);
            } else if (unsent.isEmpty() && isComplete) {
                end(null);
            } else if (sender.isEnding()) {
                end(new ExchangeEndedException("the stream has ended"));
            }
        } catch (Throwable thrown) {
            end(thrown);
        }
    }

    private void sendUnsent() throws IOException {
        for (Message next = unsent.peek(); next != null; next = unsent.peek()) {
            if (!sender.trySend(next)) {
                return;
            }
            unsent.remove();
            unrequested++;
        }
        Flow.Subscription from = subscription;
        if (from != null && unrequested >= BATCH / 2) {
            int count = unrequested;
            unrequested = 0;
            request(from, count);
        }
    }

    /** Gives up: the values are not wanted any more. Any thread may call this. */
    public void cancel() {
        over.set(true);
        letGo();
    }

    private void letGo() {
        sender.forget(observer);
        unsent.clear();
        Flow.Subscription from = subscription;
        if (from != null) {
            onLoop(() -> cancel(from));
        }
    }

    private void end(@Nullable Throwable why) {
        if (over.compareAndSet(false, true)) {
            if (why == null) {
                sender.forget(observer);
            } else {
                letGo();
            }
            whenOver.accept(why);
        }
    }
}
