package dev.parley;

import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The options of one call, stream, upload or one-way request: its time limit, headers, and how it is sent. Each option
 * has a default, so most calls need none. Immutable.
 *
 * {@snippet :
 * record Order(int number) {}
 * record Receipt(String id) {}
 * Action<Order, Receipt> buy = Action.of("buy", Order.class, Receipt.class);
 * Receipt receipt = client.call(buy, new Order(7), CallOptions.timeout(Duration.ofSeconds(2))
 *         .withHeader("x-user", "ann")
 *         .withIdempotencyKey("order-7") // may be sent again, even if it may have been handled
 *         .withWaitForReady(true)); // waits for a server that restarts, within the two seconds
 * }
 *
 * <p>If a handler makes a call, the time that is left for its own request, its cancellation, its trace id, and the
 * headers that {@link ServerBuilder#passOn} names pass to the call, whatever these options are; see {@link
 * Exchange#current} and {@link #detached}.
 */
public final class CallOptions {
    /** No option is set. */
    public static final CallOptions DEFAULT = new CallOptions(null, false, Map.of(), null, false, null);

    /** The keys that the protocol sets, and what sets them. */
    private static final Map<String, String> OF_PROTOCOL = Map.of(
            Header.TIMEOUT_MS, "withTimeout(…) sets it",
            Header.ACTION, "the call names its action",
            Header.REPLY, "send(…) sets it",
            Header.ACCEPT_CODING, "CallFilter.gzip(…) sets it",
            Header.CONTENT_CODING, "CallFilter.gzip(…) sets it",
            Header.STATUS, "only a response has one");

    /** The keys that applications set, and that the library reads too. */
    private static final Set<String> WITH_MEANING =
            Set.of(Header.AUTHORIZATION, Header.TRACEPARENT, "tracestate", Header.IDEMPOTENCY_KEY);

    private final @Nullable Duration timeout;
    private final boolean unlimited;
    private final Map<String, Object> headers;
    private final @Nullable Boolean waitForReady;
    private final boolean detached;
    private final @Nullable Consumer<Header> answerHeader;

    private CallOptions(
            @Nullable Duration timeout,
            boolean unlimited,
            Map<String, Object> headers,
            @Nullable Boolean waitForReady,
            boolean detached,
            @Nullable Consumer<Header> answerHeader) {
        this.timeout = timeout;
        this.unlimited = unlimited;
        this.headers = headers;
        this.waitForReady = waitForReady;
        this.detached = detached;
        this.answerHeader = answerHeader;
    }

    /**
     * {@return options with only a time limit; see {@link #withTimeout}}
     *
     * @param timeout the longest time for the call or stream
     */
    public static CallOptions timeout(Duration timeout) {
        return DEFAULT.withTimeout(timeout);
    }

    /**
     * {@return these options with this time limit} It includes the time to connect, and is sent to the server. By
     * default a call has {@link Client#DEFAULT_TIMEOUT}, and a stream no limit.
     *
     * @param longest the longest time for the call, or for the whole stream. If it is zero or negative, the time is
     *     over: the call times out at once, and nothing is sent. Never null; for no limit, use {@link #withoutTimeout}
     * @throws NullPointerException if it is null
     */
    public CallOptions withTimeout(Duration longest) {
        return new CallOptions(
                Objects.requireNonNull(longest, "the time limit is null"),
                false,
                headers,
                waitForReady,
                detached,
                answerHeader);
    }

    /** {@return these options without a time limit; a call that a handler makes still ends with the handler's time} */
    public CallOptions withoutTimeout() {
        return new CallOptions(null, true, headers, waitForReady, detached, answerHeader);
    }

    /**
     * {@return these options with one more key for the header of the request, or another value for the key} If the
     * request is a {@link Message} that has the key itself, the value of the options counts.
     *
     * @param key the key, as for {@link Message#with}
     * @param value the value, as for {@link Message#with}
     * @throws IllegalArgumentException if the value is not allowed, or the protocol sets the key; the message says
     *     which rule was broken
     */
    public CallOptions withHeader(String key, Object value) {
        checkKey("withHeader()", key);
        var more = new LinkedHashMap<>(headers);
        more.put(key, StreamMessages.mark().with(key, value).header().others().get(key));
        return new CallOptions(
                timeout, unlimited, Collections.unmodifiableMap(more), waitForReady, detached, answerHeader);
    }

    /**
     * Throws if the key is not for applications, or differs from a key with a meaning in upper and lower case alone.
     */
    static void checkKey(String method, String key) {
        String setBy = OF_PROTOCOL.get(key);
        if (setBy != null) {
            throw new IllegalArgumentException(
                    "'" + key + "' is not for " + method + "; the protocol sets it: " + setBy);
        }
        if (key.isEmpty()) {
            throw new IllegalArgumentException("the key of a header is empty");
        }
        String lower = key.toLowerCase(Locale.ROOT);
        if (!lower.equals(key) && (WITH_MEANING.contains(lower) || OF_PROTOCOL.containsKey(lower))) {
            throw new IllegalArgumentException("'" + key + "' is not '" + lower
                    + "', which has a meaning; upper and lower case differ in the keys of a header");
        }
    }

    /**
     * {@return these options with a key that makes the request safe to repeat} The server's application must treat two
     * requests with the same key as one. The client then sends the call again even if it may have been handled; see
     * {@link ClientBuilder#retries}.
     *
     * @param key a text that no other request has
     * @throws IllegalArgumentException if the text is not allowed in a header
     */
    public CallOptions withIdempotencyKey(String key) {
        return withHeader(Header.IDEMPOTENCY_KEY, key);
    }

    /**
     * {@return these options with or without waiting for a server that cannot be reached now} The default is the
     * client's {@link ClientBuilder#waitForReady}.
     *
     * @param value true to wait until the time limit
     */
    public CallOptions withWaitForReady(boolean value) {
        return new CallOptions(timeout, unlimited, headers, value, detached, answerHeader);
    }

    /**
     * {@return these options for a call that is independent of the request whose handler makes it: neither its time,
     * nor its cancellation, nor its headers pass to the call}
     */
    public CallOptions detached() {
        return new CallOptions(timeout, unlimited, headers, waitForReady, true, answerHeader);
    }

    /**
     * {@return these options with a function that gets the header of the answer}
     *
     * @param reader called once, before the answer is returned. For a stream or an upload, it gets the header of the
     *     first answer, or of the message that ends the stream if there is no answer, and is called by the thread that
     *     receives. For the other calls, and for a subscriber, it is called on the client's loop, so it must not block.
     *     If it throws an exception, the call fails with it. It is not called if the call fails: an error response is
     *     in {@link RefusedException#response}
     */
    public CallOptions withAnswerHeader(Consumer<Header> reader) {
        return new CallOptions(timeout, unlimited, headers, waitForReady, detached, reader);
    }

    /** {@return these options, with those of the other where these have not set an option} */
    CallOptions orElse(CallOptions other) {
        if (this == DEFAULT) {
            return other;
        }
        Map<String, Object> both = headers;
        if (!other.headers.isEmpty()) {
            both = new LinkedHashMap<>(other.headers);
            both.putAll(headers);
        }
        boolean hasLimit = timeout != null || unlimited;
        return new CallOptions(
                hasLimit ? timeout : other.timeout,
                hasLimit ? unlimited : other.unlimited,
                both,
                waitForReady == null ? other.waitForReady : waitForReady,
                detached || other.detached,
                answerHeader == null ? other.answerHeader : answerHeader);
    }

    /** {@return the time limit; empty if none was set, or if it is {@link #withoutTimeout}} */
    public Optional<Duration> timeLimit() {
        return Optional.ofNullable(timeout);
    }

    /** {@return the keys for the header of the request, in the order in which they were set} */
    public Map<String, Object> headers() {
        return headers;
    }

    boolean isUnlimited() {
        return unlimited;
    }

    @Nullable
    Boolean waitForReady() {
        return waitForReady;
    }

    boolean isDetached() {
        return detached;
    }

    @Nullable
    Consumer<Header> answerHeader() {
        return answerHeader;
    }
}
