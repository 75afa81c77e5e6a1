package dev.parley.tests.cluster;

import java.util.List;
import java.util.concurrent.Flow;

/** Adds what is published to a list, which must bear several threads, and the words of a failure too. */
record CollectingSubscriber(List<String> into) implements Flow.Subscriber<String> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String item) {
        into.add(item);
    }

    @Override
    public void onError(Throwable failed) {
        into.add(failed.toString());
    }

    @Override
    public void onComplete() {}
}
