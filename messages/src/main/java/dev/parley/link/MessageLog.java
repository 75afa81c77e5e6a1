package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.json.FlatObject;
import dev.parley.names.ActionName;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.Durations;
import dev.parley.net.text.SafeText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes the messages of a connection to its observer: one line for each request with its response, and one line for
 * each request that gets no response. It exists only if the observer wants it. It remembers the exchanges that are
 * under way, whose number is limited for each connection. Runs on the loop's thread.
 */
public final class MessageLog {
    private final LoopConnection connection;
    private final LoopObserver observer;
    private final boolean ofServer;
    private final Map<Long, Exchanged> open = new HashMap<>();

    /** The plain requests, which get their responses in their order. */
    private final Deque<Exchanged> plain = new ArrayDeque<>();

    /** The id of the last request that this side has sent. Each id is larger than the ids before it. */
    private long lastSentId;

    /** A request that has no response yet. */
    private static final class Exchanged {
        private final String what;
        private final long beganNanos;
        private long messages;
        private long bytes;

        Exchanged(String what, long beganNanos) {
            this.what = what;
            this.beganNanos = beganNanos;
        }

        void add(Header part) {
            messages++;
            bytes += part.contentLength();
        }
    }

    private MessageLog(LoopConnection connection, LoopObserver observer, boolean ofServer) {
        this.connection = connection;
        this.observer = observer;
        this.ofServer = ofServer;
    }

    /**
     * {@return the log of a connection that this side accepted; null if the observer does not want a log}
     *
     * @param observer the observer, which says if it wants the log, and then gets the lines
     */
    public static @Nullable MessageLog ofServer(LoopConnection connection, LoopObserver observer) {
        return observer.tracesMessages() ? new MessageLog(connection, observer, true) : null;
    }

    /** {@return the log of a connection that this side opened; null if the observer does not want a log} */
    public static @Nullable MessageLog ofClient(LoopConnection connection) {
        LoopObserver observer = connection.loop().observer();
        return observer.tracesMessages() ? new MessageLog(connection, observer, false) : null;
    }

    /**
     * Called when a readable message has arrived: a response, or a request. Not called for the later messages of a
     * stream of requests.
     */
    public void received(Message message) {
        if (ofServer) {
            asked(message, message.header().id());
        } else {
            answered(message, message.header().id());
        }
    }

    /** Called when a message is sent with this id. */
    public void sent(Message message, long id) {
        if (ofServer) {
            answered(message, id);
        } else if (id == Header.NO_ID || id > lastSentId) {
            lastSentId = Math.max(id, lastSentId);
            asked(message, id);
        }
    }

    /**
     * Called when a request has arrived that cannot be read. Its response will be an error, or it gets none if it is
     * one-way.
     */
    public void unreadable(long id, boolean oneWay) {
        begin("a message" + peer() + " that cannot be read", id, oneWay);
    }

    private void asked(Message message, long id) {
        Header header = message.header();
        if (header.isControl()) {
            return;
        }
        String what = actionOf(message);
        String size = header.hasMore() ? "a stream" : sizeOf(header);
        begin(what + peer() + ", " + size, id, header.isOneWay());
    }

    private void begin(String what, long id, boolean oneWay) {
        if (oneWay) {
            log(what + ": one-way, so it gets no answer");
            return;
        }
        var began = new Exchanged(what, connection.loop().freshNanos());
        if (id == Header.NO_ID) {
            plain.add(began);
        } else {
            open.put(id, began);
        }
    }

    /**
     * Returns the action of a request, or words for a request whose action is not in its header. Of a content, only one
     * without arrays and objects in it is read: the log runs on the loop, which must not search a long content twice.
     */
    private static String actionOf(Message request) {
        String named = request.header().text(Header.ACTION);
        FlatObject flat = named == null ? request.flatOrNull() : null;
        String action = flat == null ? named : flat.text(Header.ACTION);
        if (action != null && ActionName.isValid(action)) {
            return action;
        }
        boolean mayBeInside = named == null && flat == null && request.isJson();
        return mayBeInside ? "a request with its action, if any, inside the content" : "a request without an action";
    }

    private String peer() {
        return (ofServer ? " from " : " to ") + connection.peerText();
    }

    private static String sizeOf(Header header) {
        return bytes(header.contentLength()) + " of " + SafeText.text(header.contentType());
    }

    private static String bytes(long count) {
        return count == 1 ? "1 byte" : count + " bytes";
    }

    private void answered(Message message, long id) {
        Header header = message.header();
        if (header.isControl()) {
            return;
        }
        if (id == Header.NO_ID && header.isTrue(Header.CLOSE)) {
            log((ofServer ? "sent " : "received ") + statusOf(message) + (ofServer ? " to " : " from ")
                    + connection.peerText() + ", which ends the connection");
            return;
        }
        Exchanged exchanged = id == Header.NO_ID ? plain.peek() : open.get(id);
        if (exchanged == null) {
            if (!header.hasMore()) {
                log("an answer" + (ofServer ? " to " : " from ") + connection.peerText() + " that no call waits for: "
                        + statusOf(message));
            }
            return;
        }
        if (header.hasMore()) {
            exchanged.add(header);
        } else {
            forget(id);
            log(exchanged.what + ": " + answer(exchanged, message) + ", " + timeSince(exchanged));
        }
    }

    private void forget(long id) {
        if (id == Header.NO_ID) {
            plain.poll();
        } else {
            open.remove(id);
        }
    }

    private static String answer(Exchanged exchanged, Message last) {
        if (exchanged.messages == 0) {
            return statusOf(last) + ", " + sizeOf(last.header());
        }
        boolean isEmpty = last.contentLength() == 0 || last.status().isPresent();
        if (!isEmpty) {
            exchanged.add(last.header());
        }
        return statusOf(last) + ", a stream of " + exchanged.messages + " messages, " + bytes(exchanged.bytes);
    }

    /** Returns the status of a response. For an error, also returns the text that its receiver reads. */
    private static String statusOf(Message answer) {
        String status = answer.status().orElse("");
        if (status.isEmpty()) {
            return "ok";
        }
        return SafeText.text(status) + " (" + SafeText.text(ErrorText.of(answer)) + ")";
    }

    private String timeSince(Exchanged exchanged) {
        long nanos = connection.loop().freshNanos() - exchanged.beganNanos;
        if (nanos < 10_000_000) {
            return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
        }
        return nanos < 10_000_000_000L
                ? nanos / 1_000_000 + " ms"
                : Durations.text(Duration.ofSeconds(nanos / 1_000_000_000));
    }

    /**
     * Called when a request is refused for a reason that the response does not contain, such as an exception that a
     * record's constructor threw.
     */
    public void refused(Message request, Throwable cause) {
        log(actionOf(request) + peer() + " is refused because of " + SafeText.text(String.valueOf(cause)));
    }

    /** Called when a one-way request was refused. Such a request gets no response, not even this error. */
    public void refusedOneWay(Message error) {
        log("a one-way request" + peer() + " was refused: " + statusOf(error));
    }

    /** Called when a request ends without a readable response. */
    public void ended(long id, String how) {
        Exchanged exchanged = open.remove(id);
        if (exchanged != null) {
            log(exchanged.what + ": " + how + ", " + timeSince(exchanged));
        }
    }

    /** Called when the connection is closed. All requests that have no response yet end with it. */
    public void closed(CloseReason reason) {
        List<Exchanged> missing = new ArrayList<>(plain);
        missing.addAll(open.values());
        plain.clear();
        open.clear();
        for (Exchanged exchanged : missing) {
            log(exchanged.what + ": not answered, as the connection is closed (" + reason + "), after "
                    + timeSince(exchanged));
        }
    }

    private void log(String line) {
        observer.traced(connection, line);
    }
}
