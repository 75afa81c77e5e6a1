package dev.parley.link;

import dev.parley.Message;
import dev.parley.net.EventLoop;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Delivers the values of an incoming direction to a subscriber, as many as the subscriber requests. The subscriber is
 * called on the loop's thread alone. If the loop is closed, it still gets the values that have arrived and the end, on
 * the thread that requests them. If the subscriber requests nothing more, the peer gets no more credit, so it is
 * held back.
 */
public final class InboundFlow<T> implements Flow.Subscription {
    /** The maximum number of values in one go, so that other connections get their turn. */
    private static final int AT_ONCE_MAX = 64;

    private final EventLoop loop;
    private final StreamReceiver receiver;
    private final Function<Message, T> type;
    private final Callbacks owner;
    private final Flow.Subscriber<? super T> subscriber;
    private final AtomicBoolean due = new AtomicBoolean();

    /** If the loop is closed, other threads run the tasks, maybe while the loop's thread still runs one. */
    private final OneAtATime oneAtATime = new OneAtATime();

    private final Runnable deliver = this::deliver;
    private final Runnable deliverInTurn = this::deliverInTurn;

    // Used by one task at a time.
    private long requested;
    private boolean done;
    private boolean delivering;

    /** The stream whose values are delivered. Its methods are called on the loop's thread, if the loop is open. */
    public interface Callbacks {
        /** Called when the subscriber wants no more values. */
        void cancelled();

        /** Called when the subscriber has thrown this. It gets no more values. */
        void failed(Throwable thrown);

        /** Returns the owner of a client's stream: in both cases the stream is given up by this task. */
        static Callbacks givingUp(EventLoop loop, Runnable cancel) {
            return new Callbacks() {
                @Override
                public void cancelled() {
                    cancel.run();
                }

                @Override
                public void failed(Throwable thrown) {
                    loop.observer().failed("the subscriber of a stream", thrown);
                    cancel.run();
                }
            };
        }
    }

    private InboundFlow(
            EventLoop loop,
            StreamReceiver receiver,
            Function<Message, T> type,
            Callbacks owner,
            Flow.Subscriber<? super T> subscriber) {
        this.loop = loop;
        this.receiver = receiver;
        this.type = type;
        this.owner = owner;
        this.subscriber = subscriber;
    }

    /**
     * Subscribes to an incoming direction. Any thread may call this, once for each direction.
     *
     * @param owner is notified if the subscriber wants no more
     */
    public static <T> void subscribe(
            EventLoop loop,
            StreamReceiver receiver,
            Function<Message, T> type,
            Callbacks owner,
            Flow.Subscriber<? super T> subscriber) {
        var flow = new InboundFlow<T>(loop, receiver, type, owner, subscriber);
        Runnable begin = () -> flow.oneAtATime.run(flow::begin);
        if (!loop.tryExecute(begin)) {
            begin.run();
        }
    }

    private void begin() {
        receiver.observe(this::deliverSoon);
        guarded(() -> subscriber.onSubscribe(this));
        deliver();
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            onLoop(() -> fail(new IllegalArgumentException("requested " + count + " values; it must be at least 1")));
        } else {
            onLoop(() -> {
                requested = requested + count < 0 ? Long.MAX_VALUE : requested + count;
                deliver();
            });
        }
    }

    @Override
    public void cancel() {
        onLoop(this::end);
    }

    /** Runs a task on the loop's thread. If the loop is closed, nothing runs there any more. */
    private void onLoop(Runnable task) {
        if (loop.isCurrent() || !loop.tryExecute(() -> oneAtATime.run(task))) {
            oneAtATime.run(task);
        }
    }

    /** Called on the loop's thread, or by a thread that stops the stream. */
    private void deliverSoon() {
        if (!isDeliveredLater()) {
            deliverInTurn();
        }
    }

    /** Schedules a delivery. Returns false if the loop is closed. */
    private boolean isDeliveredLater() {
        if (!due.compareAndSet(false, true) || loop.tryExecute(deliverInTurn)) {
            return true;
        }
        due.set(false);
        return false;
    }

    private void deliverInTurn() {
        oneAtATime.run(deliver);
    }

    private void deliver() {
        due.set(false);
        if (delivering) {
            return; // the subscriber requests more while it gets a value; the loop below goes on
        }
        delivering = true;
        boolean goesOn = true;
        try {
            while (goesOn) {
                goesOn = deliverSome() && !isDeliveredLater();
            }
        } finally {
            delivering = false;
        }
    }

    /** Delivers a few values. Returns false if there is nothing more to deliver now. */
    private boolean deliverSome() {
        for (int i = 0; i < AT_ONCE_MAX; i++) {
            if (done || !deliverNext()) {
                return false;
            }
        }
        return !done;
    }

    /** Delivers the next value or the end. Returns false if there is nothing to deliver now. */
    private boolean deliverNext() {
        if (receiver.isAtEnd()) {
            complete();
            return false;
        }
        T value;
        try {
            Message next = requested > 0 ? receiver.poll() : receiver.pollFailure();
            if (next == null) {
                return false;
            }
            requested--;
            value = type.apply(next);
        } catch (Throwable notReceived) {
            fail(notReceived);
            return false;
        }
        guarded(() -> subscriber.onNext(value));
        return true;
    }

    private void complete() {
        try {
            receiver.reachedEnd();
        } catch (Throwable thrownByReader) {
            fail(thrownByReader);
            return;
        }
        done = true;
        guarded(subscriber::onComplete);
    }

    /** Calls the subscriber. If it throws, the stream is given up, and no one else is affected. */
    private void guarded(Runnable call) {
        try {
            call.run();
        } catch (Throwable thrown) {
            done = true;
            owner.failed(thrown);
        }
    }

    private void fail(Throwable failure) {
        if (!done) {
            end();
            guarded(() -> subscriber.onError(failure));
        }
    }

    private void end() {
        if (!done) {
            done = true;
            owner.cancelled();
        }
    }

    /** A subscriber that was refused, since the values of a stream go to one subscriber. */
    public static void refuse(Flow.Subscriber<?> subscriber, String why) {
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {}

            @Override
            public void cancel() {}
        });
        subscriber.onError(new IllegalStateException(why));
    }
}
