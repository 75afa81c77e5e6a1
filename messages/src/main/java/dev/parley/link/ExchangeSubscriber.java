package dev.parley.link;

import dev.parley.net.EventLoop;
import java.util.concurrent.Flow;

/**
 * Calls a subscriber as part of an exchange, so that the calls which the subscriber makes in turn belong to the
 * exchange. It is called on the loop's thread. If the loop is closed, it is called on the thread that subscribes or
 * requests.
 *
 * @param loop the loop of the stream
 * @param exchange an exchange that can pass to other threads
 * @param subscriber the subscriber
 */
public record ExchangeSubscriber<T>(EventLoop loop, ServerExchange exchange, Flow.Subscriber<? super T> subscriber)
        implements Flow.Subscriber<T> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        run(() -> subscriber.onSubscribe(subscription));
    }

    @Override
    public void onNext(T value) {
        run(() -> subscriber.onNext(value));
    }

    @Override
    public void onError(Throwable failure) {
        run(() -> subscriber.onError(failure));
    }

    @Override
    public void onComplete() {
        run(subscriber::onComplete);
    }

    private void run(Runnable callback) {
        CurrentExchange.run(loop, exchange, callback);
    }
}
