package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameException;
import dev.parley.net.LoopConnection;
import dev.parley.server.WaitingRequests.WaitingRequest;
import org.jspecify.annotations.Nullable;

/**
 * What one request needs before it is known where it goes, and what costs as much as its client likes: its content is
 * unpacked, its action is looked for in it, and it is bound to the question of a handler that runs on the loop. On the
 * thread of a {@link ContentPreparer}, but where it says otherwise.
 */
final class ContentPreparation {
    private final WaitingRequest waiting;
    private final Message request;
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final int reservedBytes;
    private volatile boolean cancelled;
    private Message unpacked;
    private @Nullable Route route;
    private boolean isError;

    private ContentPreparation(
            WaitingRequest waiting,
            Message request,
            LoopConnection connection,
            ServerSettings settings,
            int reservedBytes) {
        this.waiting = waiting;
        this.request = request;
        this.connection = connection;
        this.settings = settings;
        this.reservedBytes = reservedBytes;
        this.unpacked = request;
    }

    /** That of a request; null if there is no memory now for what it may unpack to. The loop's thread. */
    static @Nullable ContentPreparation of(
            WaitingRequest waiting, Message request, LoopConnection connection, ServerSettings settings) {
        int bytes = request.frame().isPacked() ? settings.limits().frame().contentBytesMax() : 0;
        if (bytes > 0 && !connection.loop().memoryCap().reserve(bytes, 0)) {
            return null;
        }
        return new ContentPreparation(waiting, request, connection, settings, bytes);
    }

    WaitingRequest waiting() {
        return waiting;
    }

    boolean opensStream() {
        return request.header().hasMore();
    }

    /** Does all of it. */
    void run() {
        if (cancelled) {
            return;
        }
        try {
            unpacked = request.unpacked(settings.limits().frame().contentBytesMax());
            route = settings.router().findAhead(unpacked, connection);
        } catch (FrameException e) {
            isError = true;
            route = Route.refusing(ErrorResponses.of(e));
        } catch (Throwable thrown) {
            notPossible();
        }
    }

    /** There was no thread for it, or no memory. */
    void notPossible() {
        route = Route.refusing(ErrorResponses.of(ErrorCode.BUSY, "the content could not be unpacked or read now"));
    }

    // The loop's thread, when it is done.

    /** Nobody waits for it any more. */
    void cancel() {
        cancelled = true;
    }

    /** Gives back what was set aside: what it unpacked to is counted as what is held. */
    void letGo() {
        if (reservedBytes > 0) {
            connection.loop().memoryCap().release(reservedBytes);
        }
    }

    /** Whether the content was none. */
    boolean isError() {
        return isError;
    }

    WaitingRequest result() {
        return WaitingRequest.of(unpacked, route, waiting.readNanos());
    }
}
