package dev.parley.server;

import dev.parley.Message;
import dev.parley.RequestObserver;
import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one request, for the server's observer. It exists only if the server has an observer. Runs on the loop's
 * thread.
 */
final class RequestReport implements RequestObserver.Ended {
    /** The header of a request that could not be read. */
    private static final Header NO_HEADER = Message.json("{}").header();

    private final RequestObserver observer;
    private final ServerSettings settings;
    private final LoopConnection connection;
    private final Header header;
    private final String action;
    private final long queuedNanos;
    private final long beganNanos;
    private boolean isStream;
    private long requestBytes;
    private long responseBytes;
    private @Nullable String status;
    private boolean told;

    private RequestReport(
            RequestObserver observer,
            ServerSettings settings,
            LoopConnection connection,
            @Nullable Message request,
            @Nullable Route route,
            long queuedNanos) {
        this.observer = observer;
        this.settings = settings;
        this.connection = connection;
        this.queuedNanos = queuedNanos;
        String named = request == null ? null : route == null ? Router.actionOf(request) : route.actionOf(request);
        action = named == null ? "" : named;
        header = request == null ? NO_HEADER : request.header();
        requestBytes = request == null ? 0 : request.contentLength();
        beganNanos = connection.loop().freshNanos();
    }

    /**
     * Begins the report of a request whose turn has come; null if the server has no observer.
     *
     * @param request null if it could not be read; if it is lent, the report must end before the request does
     * @param route its route; null if it is not known yet
     * @param queuedNanos the time for which it has waited since it was read
     */
    static @Nullable RequestReport begin(
            ServerSettings settings,
            LoopConnection connection,
            @Nullable Message request,
            @Nullable Route route,
            long queuedNanos) {
        RequestObserver observer = settings.requestObserver();
        return observer == null ? null : new RequestReport(observer, settings, connection, request, route, queuedNanos);
    }

    /** Reports a request with the response that was sent. Does nothing without a report. */
    static void end(@Nullable RequestReport report, Message response) {
        if (report != null) {
            report.ended(response);
        }
    }

    /** Reports a request whose response will never be sent. Does nothing without a report. */
    static void lost(@Nullable RequestReport report) {
        if (report != null) {
            report.ended();
        }
    }

    /** Reports a stream, with the bytes of each direction. Only the first call has an effect. */
    void ofStream(long fromClientBytes, long toClientBytes) {
        isStream = true;
        requestBytes = fromClientBytes;
        responseBytes = toClientBytes;
        ended();
    }

    /** Records that the response was not sent, although there is one. */
    void isLost() {
        status = RequestObserver.LOST;
    }

    /**
     * Records the response, or the last message of a stream. If another message is sent instead of it after all, such
     * as an error because the client took no more, this is called again with that message.
     */
    void answered(Message response) {
        status = response.status().orElse(RequestObserver.OK);
    }

    private void ended(Message response) {
        answered(response);
        if (!header.isOneWay()) {
            responseBytes = response.contentLength();
        }
        ended();
    }

    /** Reports the request. If nothing has answered it, its response was lost. Only the first call has an effect. */
    void ended() {
        if (told) {
            return;
        }
        told = true;
        if (status == null) {
            status = RequestObserver.LOST;
        }
        try {
            observer.ended(this);
        } catch (Throwable thrown) {
            settings.failures().failed(connection.loop(), "the observer of requests threw", thrown);
        }
    }

    @Override
    public ConnectionInfo connection() {
        return connection;
    }

    @Override
    public String action() {
        return action;
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public boolean isStream() {
        return isStream;
    }

    @Override
    public String status() {
        return status == null ? RequestObserver.LOST : status;
    }

    @Override
    public long requestBytes() {
        return requestBytes;
    }

    @Override
    public long responseBytes() {
        return responseBytes;
    }

    @Override
    public Duration queued() {
        return Duration.ofNanos(queuedNanos);
    }

    @Override
    public Duration handled() {
        return Duration.ofNanos(connection.loop().freshNanos() - beganNanos);
    }
}
