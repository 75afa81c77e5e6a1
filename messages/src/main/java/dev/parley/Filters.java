package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** The filters that most servers need. Several servers may use the same filter, on any thread. */
final class Filters {
    private Filters() {}

    /** See {@link Filter#concurrency}. */
    static Filter concurrency(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a concurrency of " + most + "; it must be at least 1");
        }
        var permits = new Semaphore(most);
        Runnable release = permits::release;
        return (request, chain) -> {
            if (!permits.tryAcquire()) {
                throw new RequestRejectedException(ErrorCode.BUSY, most + " requests run already, which is the limit");
            }
            try {
                chain.whenOver(release);
            } catch (UnsupportedOperationException ofAnother) {
                return proceedAndThen(release, request, chain); // a chain that an application has made
            }
            return chain.proceed(request);
        };
    }

    private static Message proceedAndThen(Runnable task, Message request, Filter.Chain chain) throws Exception {
        try {
            return chain.proceed(request);
        } finally {
            task.run();
        }
    }

    /** See {@link Filter#rate}. */
    static Filter rate(double perSecond, int burst, Ticker ticker) {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("a rate of " + perSecond + " with bursts of " + burst
                    + "; the rate must be above 0, and the bursts at least 1");
        }
        var bucket = new Bucket((long) (Duration.ofSeconds(1).toNanos() / perSecond), burst, ticker);
        return (request, chain) -> {
            if (!bucket.take()) {
                throw new RequestRejectedException(
                        ErrorCode.BUSY, "more than " + perSecond + " requests a second, which is the limit");
            }
            return chain.proceed(request);
        };
    }

    /** See {@link Filter#gzip}. */
    static Filter gzip(int bytesMin) {
        checkBytesMin(bytesMin);
        return (request, chain) -> {
            Message answer = chain.proceed(request);
            boolean asked = request.header().others().get(Header.ACCEPT_CODING) instanceof List<?> codings
                    && codings.contains(Header.GZIP);
            return asked ? packed(answer, bytesMin) : answer;
        };
    }

    /** See {@link CallFilter#gzip}. */
    static CallFilter gzipCalls(int bytesMin) {
        checkBytesMin(bytesMin);
        return (request, chain) ->
                chain.proceed(packed(request, bytesMin).with(Header.ACCEPT_CODING, List.of(Header.GZIP)));
    }

    private static void checkBytesMin(int bytesMin) {
        if (bytesMin < 0) {
            throw new IllegalArgumentException("bytesMin is " + bytesMin + "; it must be 0 or more");
        }
    }

    private static Message packed(Message message, int bytesMin) {
        return message.contentLength() < bytesMin ? message : message.packed();
    }

    /**
     * A token bucket, to which one token is added in each interval. A request takes one token. The only state is the
     * moment since which the bucket has been filling; each request moves this moment forward by one interval.
     */
    private static final class Bucket {
        /** The longest time that the clock's numbers can tell apart, with room to add to them. */
        private static final double FULL_NANOS_MAX = Long.MAX_VALUE / 4d;

        private final long intervalNanos;
        private final long fullNanos;
        private final Ticker ticker;
        private final AtomicLong emptyAtNanos;

        Bucket(long intervalNanos, int burst, Ticker ticker) {
            this.intervalNanos = Math.max(1, intervalNanos);
            this.fullNanos = (long) Math.min((double) this.intervalNanos * burst, FULL_NANOS_MAX);
            this.ticker = ticker;
            this.emptyAtNanos = new AtomicLong(ticker.nanos() - fullNanos);
        }

        boolean take() {
            while (true) {
                long nowNanos = ticker.nanos();
                long before = emptyAtNanos.get();
                long fromNanos = nowNanos - before > fullNanos ? nowNanos - fullNanos : before;
                if (nowNanos - fromNanos < intervalNanos) {
                    return false;
                }
                if (emptyAtNanos.compareAndSet(before, fromNanos + intervalNanos)) {
                    return true;
                }
            }
        }
    }
}
