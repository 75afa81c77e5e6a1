package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.NodeRequest;
import dev.parley.net.text.Durations;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The facts that a node adds to a request, in the headers of NATS. Another program may send anything there. */
final class RequestHeaders {
    /** The version of the messages between nodes. */
    static final String VERSION = "1";

    private static final int VERSION_CHARS_MAX = 16;
    private static final String VERSION_KEY = "Parley-Version";
    private static final String PATIENCE_KEY = "Parley-Patience-Ms";
    private static final String PRINCIPAL_KEY = "Parley-Principal";
    private static final String REQUEST_KEY = "Parley-Request";
    private static final String STREAM_KEY = "Parley-Stream";
    private static final String MORE_KEY = "Parley-More";
    private static final Pattern MILLIS = Pattern.compile("[1-9][0-9]{0,11}");
    private static final long MILLIS_MAX = 999_999_999_999L; // 31 years
    static final int NAME_CHARS_MAX = 64;
    private static final int PRINCIPAL_BYTES_MAX = 3_072;
    private static final int PRINCIPAL_CHARS_MAX = PRINCIPAL_BYTES_MAX / 3 * 4; // in Base64

    private RequestHeaders() {}

    /**
     * Returns the headers of a request.
     *
     * @param name what the request is called if it is cancelled
     * @throws ClusterException if the name of the principal is too long for another node
     */
    static Headers of(NodeRequest request, String name) throws ClusterException {
        var headers = new Headers();
        headers.put(REQUEST_KEY, name);
        headers.put(VERSION_KEY, VERSION);
        Duration patience = request.patience();
        if (patience != null) {
            long millis = TimeUnit.NANOSECONDS.toMillis(Durations.nanos(patience));
            headers.put(PATIENCE_KEY, Long.toString(Math.clamp(millis, 1, MILLIS_MAX)));
        }
        String principal = request.principal();
        if (principal != null) {
            byte[] utf8 = principal.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > PRINCIPAL_BYTES_MAX) {
                throw new ClusterException(
                        Reason.TOO_LARGE,
                        "the name of the principal has " + utf8.length + " bytes; at most " + PRINCIPAL_BYTES_MAX
                                + " pass to another node");
            }
            headers.put(PRINCIPAL_KEY, Base64.getUrlEncoder().encodeToString(utf8));
        }
        return headers;
    }

    /**
     * Returns the headers of a request that opens a stream.
     *
     * @param place where the sender receives the stream
     * @throws ClusterException as {@link #of}
     */
    static Headers ofStream(NodeRequest request, String name, String place, boolean hasMore) throws ClusterException {
        return of(request, name).put(STREAM_KEY, place).put(MORE_KEY, Boolean.toString(hasMore));
    }

    /** Returns the headers of the response that accepts a stream. */
    static Headers accepting(String place) {
        return new Headers().put(STREAM_KEY, place);
    }

    /**
     * Returns where the sender receives a stream; null if the request does not open a stream, or names something else.
     */
    static @Nullable String place(@Nullable Headers headers) {
        String place = headers == null ? null : headers.getFirst(STREAM_KEY);
        return NatsStreams.isPlace(place) ? place : null;
    }

    /** Returns true if further messages of a stream follow its first one. */
    static boolean hasMore(Headers headers) {
        return "true".equals(headers.getFirst(MORE_KEY));
    }

    /** Returns what the request is called if it is cancelled; null if it cannot be. */
    static @Nullable String name(@Nullable Headers headers) {
        String name = headers == null ? null : headers.getFirst(REQUEST_KEY);
        return name == null || name.length() > NAME_CHARS_MAX ? null : name;
    }

    /** Returns why a request is not understood; null if it has this version, or says none, as another program may. */
    static @Nullable String versionClash(@Nullable Headers headers) {
        String version = headers == null ? null : headers.getFirst(VERSION_KEY);
        return version == null || version.equals(VERSION) ? null : versionClash(version);
    }

    /** Returns what to say of a node that speaks another version. */
    static String versionClash(String other) {
        String shown = other.substring(0, Math.min(other.length(), VERSION_CHARS_MAX));
        return "the nodes speak different versions of the cluster's protocol: " + shown + " and " + VERSION
                + "; update them all";
    }

    /** Returns how long the sender waits; null if it does not say so. */
    static @Nullable Duration patience(@Nullable Headers headers) {
        String millis = headers == null ? null : headers.getFirst(PATIENCE_KEY);
        return millis == null || !MILLIS.matcher(millis).matches() ? null : Duration.ofMillis(Long.parseLong(millis));
    }

    /** Returns true if a principal is there that {@link #principal} does not return. */
    static boolean isPrincipalUnreadable(@Nullable Headers headers) {
        return headers != null && headers.getFirst(PRINCIPAL_KEY) != null && principal(headers) == null;
    }

    /** Returns the principal that the first node vouches for; null if there is none, or it is not readable. */
    static @Nullable String principal(@Nullable Headers headers) {
        String name = headers == null ? null : headers.getFirst(PRINCIPAL_KEY);
        if (name == null || name.length() > PRINCIPAL_CHARS_MAX) {
            return null;
        }
        try {
            return new String(Base64.getUrlDecoder().decode(name), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notReadable) {
            return null;
        }
    }
}
