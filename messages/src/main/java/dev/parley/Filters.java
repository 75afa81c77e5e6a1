package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Makes filters that most servers need. Several servers, and any thread, may use the same filter. */
public final class Filters {
    private Filters() {}

    /**
     * {@return a filter that lets a limited number of requests run at once, and responds {@code busy} to further ones}
     *
     * @param most the largest number of requests, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public static Filter concurrency(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a concurrency of " + most + "; it must be at least 1");
        }
        var permits = new Semaphore(most);
        return (request, chain) -> {
            if (!permits.tryAcquire()) {
                throw new RefusedRequestException(ErrorCode.BUSY, most + " requests run already, which is the limit");
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
     * ones}
     *
     * @param perSecond the average number in a second, above 0
     * @param burst the number that may begin at once after a pause, at least 1
     * @param ticker the clock; {@link Ticker#SYSTEM} outside of tests
     * @throws IllegalArgumentException if one is out of its range
     */
    public static Filter rate(double perSecond, int burst, Ticker ticker) {
        if (!(perSecond > 0) || burst < 1) {
            throw new IllegalArgumentException("a rate of " + perSecond + " with bursts of " + burst
                    + "; the rate must be above 0, and the bursts at least 1");
        }
        var bucket = new Bucket((long) (Duration.ofSeconds(1).toNanos() / perSecond), burst, ticker);
        return (request, chain) -> {
            if (!bucket.take()) {
                throw new RefusedRequestException(
                        ErrorCode.BUSY, "more than " + perSecond + " requests a second, which is the limit");
            }
            return chain.proceed(request);
        };
    }

    /**
     * {@return a filter that accepts requests with valid credentials, and responds {@code unauthorized} to others} A
     * request is judged by its own {@code authorization}; a request without one, by the last that was accepted on its
     * connection (docs/protocol.md, section 4). Compare secrets with {@link java.security.MessageDigest#isEqual}, which
     * takes as long for a wrong secret as for the right one.
     *
     * <p>If this filter itself is added to a server, the server restricts connections on which no credentials were
     * accepted yet: they have one request at a time, few bytes of responses, and only {@link
     * MessageLimits#headerTimeout} from when they were opened; and they are at most a quarter of {@link
     * dev.parley.net.Limits#connectionsMax}. Then even the names of its actions are not revealed. If another filter
     * wraps this one, none of that applies.
     *
     * @param accepts judges the text of the key, such as {@code Bearer …}; it runs where the handler does
     */
    public static Filter authorization(Predicate<String> accepts) {
        return new Authorization(accepts);
    }

    /**
     * {@return a filter that compresses contents with gzip} In a client it announces that it reads gzip, and compresses
     * requests; in a server it compresses the responses to clients that announced it. Content that would not become
     * shorter is sent as it is.
     *
     * @param bytesMin the length below which contents are sent as they are; 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public static Filter gzip(int bytesMin) {
        if (bytesMin < 0) {
            throw new IllegalArgumentException("bytesMin is " + bytesMin + "; it must be 0 or more");
        }
        return (request, chain) -> {
            if (chain.exchange().isEmpty()) {
                return chain.proceed(packed(request, bytesMin).with(Header.ACCEPT_CODING, List.of(Header.GZIP)));
            }
            Message answer = chain.proceed(request);
            boolean asked = request.header().others().get(Header.ACCEPT_CODING) instanceof List<?> codings
                    && codings.contains(Header.GZIP);
            return asked ? packed(answer, bytesMin) : answer;
        };
    }

    private static Message packed(Message message, int bytesMin) {
        return message.contentLength() < bytesMin ? message : message.packed();
    }

    /** A bucket that fills by one in each interval. Its state is the moment at which it was, or will be, empty. */
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
