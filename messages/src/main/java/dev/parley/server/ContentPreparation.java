package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameException;
import dev.parley.net.LoopConnection;
import dev.parley.server.WaitingRequests.WaitingRequest;
import org.jspecify.annotations.Nullable;

/**
 * Prepares one request, on a thread that is not the loop's thread, since the client decides how long this work takes.
 * To prepare a request is to unpack its content, to look for the action in the content, and to bind the content to the
 * type that a handler on the loop takes. Runs on the thread of a {@link ContentPreparer}, except where a comment says
 * otherwise.
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

    /**
     * Returns the preparation of a request, or null if there is not enough memory now for the unpacked content. Called
     * on the loop's thread.
     */
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

    /** Prepares the request. */
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
        } catch (OutOfMemoryError noMemory) {
            notPossible();
        } catch (Throwable thrown) {
            if (!ErrorResponses.isAnswer(thrown)) {
                log(thrown);
            }
            route = Route.refusing(ErrorResponses.of(thrown));
        }
    }

    private void log(Throwable thrown) {
        String where =
                "the preparation of a request on connection " + connection.id() + " with " + connection.peerText();
        settings.failures().failed(connection.loop(), where, thrown);
    }

    /** Has the request refused. Called if there was no thread or no memory to prepare the request. */
    void notPossible() {
        route = Route.refusing(ErrorResponses.of(ErrorCode.BUSY, "the content could not be unpacked or read now"));
    }

    // On the loop's thread.

    /** Skips the preparation if it has not begun. Called when no one waits for the request any more. */
    void cancel() {
        cancelled = true;
    }

    /**
     * Gives back the reserved memory. Called when the unpacked content counts as held bytes of the connection instead.
     */
    void letGo() {
        if (reservedBytes > 0) {
            connection.loop().memoryCap().release(reservedBytes);
        }
    }

    /** Returns true if the content was invalid. */
    boolean isError() {
        return isError;
    }

    WaitingRequest result() {
        return WaitingRequest.of(unpacked, route, waiting.readNanos());
    }
}
