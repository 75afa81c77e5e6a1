package dev.parley;

import dev.parley.link.ExchangeSubscriber;
import dev.parley.link.Failures;
import dev.parley.link.InboundFlow;
import dev.parley.link.OutboundFlow;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import dev.parley.server.LoopStream;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The streams of a server whose handlers run on the loop: what they get, and what becomes of what they return. */
final class LoopStreams {
    private LoopStreams() {}

    /** Returns the values that the client sends. They go to one subscriber, on the loop's thread. */
    static <Q> Flow.Publisher<Q> values(Codec<Q> codec, StreamReceiver in, LoopStream stream) {
        var taken = new AtomicBoolean();
        return subscriber -> {
            Objects.requireNonNull(subscriber);
            if (taken.compareAndSet(false, true)) {
                InboundFlow.subscribe(
                        stream.loop(),
                        in,
                        message -> message.to(codec),
                        new Inbound(stream),
                        new ExchangeSubscriber<>(stream.loop(), stream, subscriber));
            } else {
                InboundFlow.refuse(subscriber, "the values of a stream go to one subscriber");
            }
        };
    }

    /** The stream of a handler. If the handler's subscriber throws, the handler has failed. */
    private record Inbound(LoopStream stream) implements InboundFlow.Callbacks {
        @Override
        public void cancelled() {} // the handler goes on, and may still answer

        @Override
        public void failed(Throwable thrown) {
            stream.complete(null, thrown);
        }
    }

    /** Sends the values of a publisher, until it ends or the client gives up. */
    static <A> void answer(Codec<A> codec, StreamSender out, LoopStream stream, Flow.@Nullable Publisher<A> values) {
        Flow.Publisher<A> published = Objects.requireNonNull(values, "the handler returned null");
        var flow = new OutboundFlow<A>(
                stream.loop(), stream, out, value -> Codecs.write(codec, value), why -> stream.complete(null, why));
        var _ = stream.addCall(() -> {
            try {
                flow.cancel();
            } finally {
                stream.complete(null, null);
            }
        });
        published.subscribe(flow);
    }

    /** Sends the one answer, when it is there. */
    static <A extends @Nullable Object> void answer(
            Codec<A> codec, LoopStream stream, @Nullable CompletionStage<A> answer) {
        CompletionStage<A> coming = Objects.requireNonNull(answer, "the handler returned null");
        var _ = stream.addCall(() -> {
            try {
                coming.toCompletableFuture().cancel(true);
            } catch (UnsupportedOperationException withoutFuture) {
                // Such a stage cannot be cancelled, and its value will be dropped.
            } finally {
                stream.complete(null, null);
            }
        });
        var _ = coming.whenComplete((value, failure) -> {
            if (failure == null) {
                complete(codec, stream, value);
            } else {
                stream.complete(null, Failures.unwrapped(failure));
            }
        });
    }

    private static <A extends @Nullable Object> void complete(Codec<A> codec, LoopStream stream, A value) {
        try {
            stream.complete(Codecs.writeResult(codec, value), null);
        } catch (RuntimeException notWritten) {
            stream.complete(null, notWritten);
        }
    }
}
