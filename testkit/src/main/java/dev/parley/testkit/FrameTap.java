package dev.parley.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes the messages of one direction as they pass, by the frames of {@code docs/protocol.md}: two bytes of
 * length, a JSON header, and content. If there are faults for certain messages, the bytes of each message are held
 * until its action is known: until the end of its header, or of its content if only the content has the action. As soon
 * as bytes come that are not a frame, these and all further bytes pass without being examined.
 */
final class FrameTap {
    /** The maximum length of a content that is searched for the action. */
    private static final int SEARCHED_MAX = 1024 * 1024;

    private static final int LENGTH_BYTES = 2;
    private static final long LENGTH_MAX = 1L << 53;
    private static final Set<String> JSON_TYPES = Set.of("text/json", "application/json");

    /** The receiver of the bytes and of the recognized messages. */
    interface Onward {
        /** Returns true if a message that begins now must be held until it is known which message it is. */
        boolean holds();

        /** Called when it is known which message was held. Its bytes follow. */
        void known(Message message);

        /** Called with bytes that pass: bytes of the last known message, or of a message that is not held. */
        void pass(byte[] bytes, int from, int to);

        /** Called when all bytes of the message have passed. */
        void over();
    }

    /**
     * A known message.
     *
     * @param action the action of the message, or an empty text if it has none
     * @param headerBytes the length of its header, including the two bytes of the length field
     * @param bytes the length of the whole message
     */
    record Message(String action, int headerBytes, long bytes) {}

    private final boolean requests;
    private final Exchanges exchanges;
    private final Onward onward;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private Exchanges.Pending pending = new Exchanges.Pending();
    private Charset contentCharset = StandardCharsets.UTF_8;
    private int headerBytes;
    private long messageBytes;
    private long passing;
    private boolean counts;
    private boolean holding;
    private boolean blind;

    FrameTap(boolean requests, Exchanges exchanges, Onward onward) {
        this.requests = requests;
        this.exchanges = exchanges;
        this.onward = onward;
    }

    void look(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (blind) {
                onward.pass(bytes, at, bytes.length);
                return;
            }
            at = passing > 0 ? passOn(bytes, at) : collect(bytes, at);
        }
    }

    /** Ends the stream. Bytes that are held pass, although their message is not known. */
    void end() {
        if (holding && begun.size() > 0) {
            byte[] rest = begun.toByteArray();
            onward.pass(rest, 0, rest.length);
        }
        begun.reset();
    }

    private int passOn(byte[] bytes, int at) {
        int count = (int) Math.min(passing, bytes.length - at);
        passing -= count;
        onward.pass(bytes, at, at + count);
        endIfPassed();
        return at + count;
    }

    private void endIfPassed() {
        if (passing == 0) {
            onward.over();
        }
    }

    /** Takes the bytes that are still needed to know the message, or all bytes if there are fewer. */
    private int collect(byte[] bytes, int at) {
        if (begun.size() == 0) {
            holding = onward.holds();
            headerBytes = 0;
            messageBytes = 0;
        }
        int count = (int) Math.min(needed() - begun.size(), bytes.length - at);
        begun.write(bytes, at, count);
        if (!holding) {
            onward.pass(bytes, at, at + count);
        }
        if (begun.size() == needed()) {
            collected();
        }
        return at + count;
    }

    /**
     * Returns the number of bytes of the message that are needed for the next step. First these are the length and the
     * header's opening brace, then the whole header, then the content if it must be searched.
     */
    private long needed() {
        if (headerBytes == 0) {
            return LENGTH_BYTES + 1;
        }
        return messageBytes == 0 ? headerBytes : messageBytes;
    }

    private void collected() {
        byte[] all = begun.toByteArray();
        if (headerBytes == 0) {
            headerBytes = LENGTH_BYTES + ((all[0] & 0xff) << 8 | all[1] & 0xff);
            if (all[LENGTH_BYTES] != '{' || headerBytes <= LENGTH_BYTES + 1) {
                giveUp(all);
            }
        } else if (messageBytes == 0) {
            headerThere(all);
        } else {
            Map<String, String> content =
                    JsonMembers.of(new String(all, headerBytes, all.length - headerBytes, contentCharset));
            pending.action = content == null ? "" : content.getOrDefault("action", "");
            know(all);
        }
    }

    private void headerThere(byte[] all) {
        Map<String, String> header =
                JsonMembers.of(new String(all, LENGTH_BYTES, headerBytes - LENGTH_BYTES, StandardCharsets.UTF_8));
        long length = header == null ? -1 : lengthOf(header.get("content-length"));
        if (header == null || length < 0) {
            giveUp(all);
            return;
        }
        messageBytes = headerBytes + length;
        boolean searched = false;
        String id = header.get("id");
        boolean moreFollows = "true".equals(header.get("more"));
        counts = !header.containsKey("control");
        if (counts && requests) {
            searched = request(header, id, moreFollows) && length > 0 && length <= SEARCHED_MAX && isJson(header);
        } else if (counts) {
            pending = exchanges.answered(id, moreFollows);
        } else if (requests && "cancel".equals(header.get("control"))) {
            exchanges.cancelled(id);
        }
        if (searched) {
            contentCharset = charsetOf(header.getOrDefault("content-encoding", "utf-8"));
        } else {
            know(all);
        }
    }

    /** Takes a message of the client. Returns true if its action is not known yet, since its content may have it. */
    private boolean request(Map<String, String> header, @Nullable String id, boolean moreFollows) {
        Exchanges.Pending of = exchanges.continued(id, moreFollows);
        if (of != null) {
            pending = of;
            counts = false; // the stream's first message was the request
            return false;
        }
        pending = exchanges.asked(id, moreFollows, !"false".equals(header.get("reply")));
        pending.action = header.getOrDefault("action", "");
        return !header.containsKey("action");
    }

    private static long lengthOf(@Nullable String digits) {
        try {
            long length = digits == null ? -1 : Long.parseLong(digits);
            return length > LENGTH_MAX ? -1 : length;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static boolean isJson(Map<String, String> header) {
        return JSON_TYPES.contains(header.getOrDefault("content-type", ""));
    }

    private static Charset charsetOf(String name) {
        try {
            return Charset.forName(name.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            return StandardCharsets.ISO_8859_1;
        }
    }

    /** Called when the message is known. The rest of its bytes pass as they arrive. */
    private void know(byte[] all) {
        passing = messageBytes - all.length;
        begun.reset();
        if (holding) {
            if (counts) {
                onward.known(new Message(pending.action, headerBytes, messageBytes));
            }
            onward.pass(all, 0, all.length);
        }
        endIfPassed();
    }

    private void giveUp(byte[] all) {
        blind = true;
        begun.reset();
        if (holding) {
            onward.pass(all, 0, all.length);
        }
    }
}
