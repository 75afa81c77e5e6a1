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
 * The requests of one connection whose turn has not come, up to 256 KiB and one request more, beyond which the
 * connection is not read. Plain ones wait behind each other, and those with an id while as many run as may. So what
 * comes behind them is still read, such as the controls of streams that go on. Runs on the loop's thread.
 */
final class WaitingRequests {
    private static final int BYTES_HIGH = 256 * 1024;

    // With the least room: on most connections no request ever waits.
    private final ArrayDeque<WaitingRequest> plain = new ArrayDeque<>(0);
    private final ArrayDeque<WaitingRequest> withId = new ArrayDeque<>(0);
    private long bytes;

    /**
     * A request that waits, or the refusal of one that has no id.
     *
     * @param route null if its action is not looked up yet
     * @param readNanos when it was read, by the loop's clock
     * @param bytes how much memory it takes while it waits, as far as that is known when this is made
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

        /** Returns true if its client waits for a response. */
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

    /** Returns true if nothing further should be read. */
    boolean isFull() {
        return bytes >= BYTES_HIGH;
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

    /** Adds a request behind the others of its kind. */
    void add(WaitingRequest last) {
        bytes += last.bytes();
        queue(last).addLast(last);
    }

    /** Adds a request before the others of its kind: its turn had come, and it could not begin. */
    void addFirst(WaitingRequest first) {
        bytes += first.bytes();
        queue(first).addFirst(first);
    }

    private ArrayDeque<WaitingRequest> queue(WaitingRequest waiting) {
        return waiting.id() == Header.NO_ID ? plain : withId;
    }

    /** Returns the next one of a kind, which stays; null if none waits. */
    @Nullable
    WaitingRequest peek(boolean isPlain) {
        return (isPlain ? plain : withId).peekFirst();
    }

    /** Removes and returns the next one of a kind; null if none waits. */
    @Nullable
    WaitingRequest poll(boolean isPlain) {
        WaitingRequest next = (isPlain ? plain : withId).pollFirst();
        if (next != null) {
            bytes -= next.bytes();
        }
        return next;
    }

    /** Removes and returns a request that its client has given up; null if it does not wait here. */
    @Nullable
    WaitingRequest remove(long id) {
        for (WaitingRequest each : withId) {
            if (each.id() == id) {
                withId.remove(each);
                bytes -= each.bytes();
                return each;
            }
        }
        return null;
    }

    /** Replaces the next request, as more is known of it by now. Returns false if it does not wait any more. */
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

    /** Removes and returns all of them, plain ones first and in their order. */
    List<WaitingRequest> takeAll() {
        var all = new ArrayList<WaitingRequest>(plain);
        all.addAll(withId);
        plain.clear();
        withId.clear();
        bytes = 0;
        return all;
    }
}
