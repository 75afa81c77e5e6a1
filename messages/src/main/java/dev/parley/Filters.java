package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** Makes filters that most servers need. Several servers may use the same filter, on any thread. */
public final class Filters {
    private Filters() {}

    /**
     * {@return a filter that lets a limited number of requests run at once, and responds {@code busy} to further
     * requests}
     *
     * @param most the largest number of requests, at least 1
     * @throws IllegalArgumentException if {@code most} is less than 1
     */
    public static Filter concurrency(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a concurrency of " + most + "; it must be at least 1");
        }
        var permits = new Semaphore(most);
        return (request, chain) -> {
            if (!permits.tryAcquire()) {
                throw new RequestRejectedException(ErrorCode.BUSY, most + " requests run already, which is the limit");
            }
            try {
                return chain.proceed(request);
            } finally {
                permits.release();
            }
        };
    }

    /**
     * {@return a filter that lets a limited number of requests begin in a second, and responds {@code busy} to further
     * requests}
     *
     * @param perSecond the average number of requests in a second, above 0
     * @param burst the number of requests that may begin at once after a pause, at least 1
     * @param ticker the clock; {@link Ticker#SYSTEM} outside of tests
     * @throws IllegalArgumentException if {@code perSecond} or {@code burst} is out of its range
     */
    public static Filter rate(double perSecond, int burst, Ticker ticker) {
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

    /**
     * {@return a filter of a server that compresses responses with gzip, for clients that have said that they read it}
     * Content that would not become shorter is sent uncompressed.
     *
     * @param bytesMin the length in bytes below which contents are sent uncompressed; 0 or more
     * @throws IllegalArgumentException if {@code bytesMin} is negative
     */
    public static Filter gzip(int bytesMin) {
        checkBytesMin(bytesMin);
        return (request, chain) -> {
            Message answer = chain.proceed(request);
            boolean asked = request.header().others().get(Header.ACCEPT_CODING) instanceof List<?> codings
                    && codings.contains(Header.GZIP);
            return asked ? packed(answer, bytesMin) : answer;
        };
    }

    /**
     * {@return a filter of a client that compresses requests with gzip, and says that the client reads it} Content that
     * would not become shorter is sent uncompressed.
     *
     * @param bytesMin the length in bytes below which contents are sent uncompressed; 0 or more
     * @throws IllegalArgumentException if {@code bytesMin} is negative
     */
    public static CallFilter gzipCalls(int bytesMin) {
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
        private final long intervalNanos;
        private final long fullNanos;
        private final Ticker ticker;
        private final AtomicLong emptyAtNanos;

        Bucket(long intervalNanos, int burst, Ticker ticker) {
            this.intervalNanos = Math.max(1, intervalNanos);
            this.fullNanos = this.intervalNanos * burst;
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
