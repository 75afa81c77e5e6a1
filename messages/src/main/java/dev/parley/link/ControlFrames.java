package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Frame;
import dev.parley.frame.Header;
import dev.parley.frame.Header.JsonNumber;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes controls, the messages between the protocol layers of the two sides (docs/protocol.md, section 13). */
public final class ControlFrames {
    /** Asks whether the peer is alive. */
    public static final String PING = "ping";

    /** Says that this side is alive, in response to a ping. */
    public static final String PONG = "pong";

    /** The client no longer wants an exchange. */
    public static final String CANCEL = "cancel";

    /** The server takes no new requests. */
    public static final String GOING_AWAY = "going-away";

    private ControlFrames() {}

    /**
     * Returns a control with this name for the exchange with this id. With {@link Header#NO_ID}, the control is about
     * the whole connection.
     */
    public static Message of(String name, long id) {
        return of(id, Map.of(Header.CONTROL, name));
    }

    /** Returns a control that grants bytes of a stream. */
    public static Message credit(long id, int bytes) {
        var keys = new LinkedHashMap<String, Object>();
        keys.put(Header.CONTROL, Header.CREDIT);
        keys.put(Header.CREDIT, new JsonNumber(Integer.toString(bytes)));
        return of(id, keys);
    }

    private static Message of(long id, Map<String, Object> keys) {
        Header mark = StreamMessages.mark().header();
        var header = new Header(mark.byteOrder(), mark.contentType(), mark.contentEncoding(), 0, id, keys);
        return Message.of(new Frame(header, new byte[0]));
    }
}
