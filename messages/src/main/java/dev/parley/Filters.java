package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

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
                throw new RefusedRequestException(
                        ErrorCode.BUSY, "more than " + perSecond + " requests a second, which is the limit");
            }
            return chain.proceed(request);
        };
    }

    /**
     * {@return a filter that accepts requests with valid credentials, and responds {@code unauthorized} to other
     * requests} If a request has the key {@code authorization}, the filter checks its value. A request without this key
     * is accepted if credentials were accepted on its connection before (docs/protocol.md, section 4). Compare secrets
     * with {@link java.security.MessageDigest#isEqual}, which takes as long for a wrong secret as for the right one.
     *
     * <p>If this filter itself is added to a server, the server restricts each connection on which no credentials were
     * accepted yet: the connection may have one request at a time and few bytes of responses, and is closed if no
     * credentials were accepted within {@link MessageLimits#headerTimeout} after it was opened. At most a quarter of
     * {@link dev.parley.net.Limits#connectionsMax} connections may be without accepted credentials. The server does not
     * even reveal the names of its actions to them. If the filter that is added is another one, which wraps this one,
     * none of these restrictions apply.
     *
     * @param accepts returns true if the value of the key {@code authorization}, such as {@code Bearer …}, is valid; it
     *     runs on the same thread as the handler
     */
    public static Filter authorization(Predicate<String> accepts) {
        return new Authorization(accepts);
    }

    /**
     * {@return a filter that compresses contents with gzip} In a client, the filter compresses the requests, and
     * announces that the client can read gzip. In a server, it compresses the responses to clients that announced this.
     * Content that would not become shorter is sent uncompressed.
     *
     * @param bytesMin the length in bytes below which contents are sent uncompressed; 0 or more
     * @throws IllegalArgumentException if {@code bytesMin} is negative
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
