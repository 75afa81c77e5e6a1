package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that were read, but whose turn has not come. If they take 256 KiB or more, the
 * connection is not read, so at most 256 KiB and one request more wait here. A plain request waits for the plain
 * requests before it. A request with an id waits if the maximum number of requests is in flight. While these requests
 * wait, the messages after them can still be read, such as the controls of open streams. Runs on the loop's thread.
 */
final class WaitingRequests {
    private static final int BYTES_HIGH = 256 * 1024;

    // The queues have the smallest capacity at first, since on most connections no request ever waits.
    private final ArrayDeque<WaitingRequest> plain = new ArrayDeque<>(0);
    private final ArrayDeque<WaitingRequest> withId = new ArrayDeque<>(0);
    private long bytes;

    /** The number of waiting requests that open a stream. */
    private int openers;

    /**
     * A request that waits, or the refusal of a plain request.
     *
     * @param route the route of the request; null if it was not looked up yet, or for a refusal
     * @param readNanos the moment at which the request was read, by the loop's clock
     * @param bytes the memory that the request takes while it waits, in bytes, as estimated when this object is created
     */
    record WaitingRequest(
            @Nullable Message request,
            @Nullable Route route,
            FrameReader.@Nullable Refused refused,
            long readNanos,
            long bytes) {
        static WaitingRequest of(Message request, @Nullable Route route, long readNanos) {
            long bytes = StreamMessages.OBJECTS_BYTES + request.contentLength() + request.boundBytes();
            return new WaitingRequest(request, route, null, readNanos, bytes);
        }

        static WaitingRequest of(FrameReader.Refused refused, long readNanos) {
            return new WaitingRequest(null, null, refused, readNanos, StreamMessages.OBJECTS_BYTES);
        }

        long id() {
            return request == null ? Header.NO_ID : request.header().id();
        }

        /** Returns true if further messages with the id of this request follow. */
        boolean opensStream() {
            return request != null
                    && request.header().id() != Header.NO_ID
                    && request.header().hasMore();
        }

        /** Returns true if the client waits for a response to this request. */
        boolean wantsAnswer() {
            return request != null ? !request.header().isOneWay() : refused != null && !refused.oneWay();
        }
    }

    boolean isEmpty() {
        return plain.isEmpty() && withId.isEmpty();
    }

    boolean hasPlain() {
        return !plain.isEmpty();
    }

    boolean hasWithId() {
        return !withId.isEmpty();
    }

    /** Returns true if the waiting requests take so much memory that nothing more should be read. */
    boolean isFull() {
        return bytes >= BYTES_HIGH;
    }

    /** Returns true if a request that opens a stream waits, so that the next message of the stream must not be read. */
    boolean hasOpener() {
        return openers > 0;
    }

    long heldBytes() {
        return bytes;
    }

    /** Returns true if a request with this id waits. */
    boolean has(long id) {
        for (WaitingRequest each : withId) {
            if (each.id() == id) {
                return true;
            }
        }
        return false;
    }

    /** Adds a request after the other requests of its kind: plain, or with an id. */
    void add(WaitingRequest last) {
        counted(last);
        queue(last).addLast(last);
    }

    /** Adds a request before the other requests of its kind. Called if its turn had come, but it could not begin. */
    void addFirst(WaitingRequest first) {
        counted(first);
        queue(first).addFirst(first);
    }

    private void counted(WaitingRequest waiting) {
        bytes += waiting.bytes();
        openers += waiting.opensStream() ? 1 : 0;
    }

    private void gone(WaitingRequest waiting) {
        bytes -= waiting.bytes();
        openers -= waiting.opensStream() ? 1 : 0;
    }

    private ArrayDeque<WaitingRequest> queue(WaitingRequest waiting) {
        return waiting.id() == Header.NO_ID ? plain : withId;
    }

    /** Returns the next request of a kind without removing it, or null if none waits. */
    @Nullable
    WaitingRequest peek(boolean isPlain) {
        return (isPlain ? plain : withId).peekFirst();
    }

    /** Removes and returns the next request of a kind. Returns null if none waits. */
    @Nullable
    WaitingRequest poll(boolean isPlain) {
        WaitingRequest next = (isPlain ? plain : withId).pollFirst();
        if (next != null) {
            gone(next);
        }
        return next;
    }

    /**
     * Removes and returns the request with this id, because its client has given it up. Returns null if no such request
     * waits here.
     */
    @Nullable
    WaitingRequest remove(long id) {
        for (WaitingRequest each : withId) {
            if (each.id() == id) {
                withId.remove(each);
                gone(each);
                return each;
            }
        }
        return null;
    }

    /**
     * Replaces the next request by the same request after its preparation. Returns false if the request does not wait
     * any more.
     */
    boolean replace(WaitingRequest before, WaitingRequest now) {
        ArrayDeque<WaitingRequest> queue = queue(before);
        if (!before.equals(queue.peekFirst())) {
            return false;
        }
        queue.removeFirst();
        gone(before);
        addFirst(now);
        return true;
    }

    /** Removes and returns all requests. The plain requests come first, in their order. */
    List<WaitingRequest> takeAll() {
        var all = new ArrayList<WaitingRequest>(plain);
        all.addAll(withId);
        plain.clear();
        withId.clear();
        bytes = 0;
        openers = 0;
        return all;
    }
}
