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
 * wait, the messages after them can still be read, such as the controls of open streams. A request that opens a stream
 * waits here only for its preparation, and not for those; meanwhile nothing more is read. Runs on the loop's thread.
 */
final class WaitingRequests {
    private static final int BYTES_HIGH = 256 * 1024;

    // The queues have the smallest capacity at first, since on most connections no request ever waits.
    private final ArrayDeque<WaitingRequest> plain = new ArrayDeque<>(0);
    private final ArrayDeque<WaitingRequest> withId = new ArrayDeque<>(0);
    private final ArrayDeque<WaitingRequest> openers = new ArrayDeque<>(0);
    private long bytes;

    /** The kinds of requests that wait for each other. */
    enum Kind {
        PLAIN,
        WITH_ID,
        /** A request that opens a stream. */
        OPENER
    }

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
            long bytes = StreamMessages.heldBytes(request) + request.boundBytes();
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
        return plain.isEmpty() && withId.isEmpty() && openers.isEmpty();
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
        return !openers.isEmpty();
    }

    long heldBytes() {
        return bytes;
    }

    /** Returns true if a request with this id waits. */
    boolean has(long id) {
        return find(id) != null;
    }

    private @Nullable WaitingRequest find(long id) {
        for (ArrayDeque<WaitingRequest> queue : List.of(withId, openers)) {
            for (WaitingRequest each : queue) {
                if (each.id() == id) {
                    return each;
                }
            }
        }
        return null;
    }

    /** Adds a request after the other requests of its kind: plain, or with an id. */
    void add(WaitingRequest last) {
        bytes += last.bytes();
        queue(last).addLast(last);
    }

    /** Adds a request before the other requests of its kind. Called if its turn had come, but it could not begin. */
    void addFirst(WaitingRequest first) {
        bytes += first.bytes();
        queue(first).addFirst(first);
    }

    private ArrayDeque<WaitingRequest> queue(WaitingRequest waiting) {
        if (waiting.id() == Header.NO_ID) {
            return plain;
        }
        return waiting.opensStream() ? openers : withId;
    }

    private ArrayDeque<WaitingRequest> queue(Kind kind) {
        return switch (kind) {
            case PLAIN -> plain;
            case WITH_ID -> withId;
            case OPENER -> openers;
        };
    }

    /** Returns the next request of a kind without removing it, or null if none waits. */
    @Nullable
    WaitingRequest peek(Kind kind) {
        return queue(kind).peekFirst();
    }

    /** Removes and returns the next request of a kind. Returns null if none waits. */
    @Nullable
    WaitingRequest poll(Kind kind) {
        WaitingRequest next = queue(kind).pollFirst();
        if (next != null) {
            bytes -= next.bytes();
        }
        return next;
    }

    /**
     * Removes and returns the request with this id, because its client has given it up. Returns null if no such request
     * waits here.
     */
    @Nullable
    WaitingRequest remove(long id) {
        WaitingRequest found = find(id);
        if (found != null) {
            queue(found).remove(found);
            bytes -= found.bytes();
        }
        return found;
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
        bytes -= before.bytes();
        addFirst(now);
        return true;
    }

    /** Removes and returns all requests. The plain requests come first, in their order. */
    List<WaitingRequest> takeAll() {
        var all = new ArrayList<WaitingRequest>(plain);
        all.addAll(withId);
        all.addAll(openers);
        plain.clear();
        withId.clear();
        openers.clear();
        bytes = 0;
        return all;
    }
}
