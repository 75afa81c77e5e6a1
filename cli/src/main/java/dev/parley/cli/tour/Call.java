package dev.parley.cli.tour;

/** An event at one end of a connection, named by the socket call that belongs to it. */
public enum Call {
    /** A socket was bound to its address. */
    BIND("bind", "the socket gets its address"),
    /** A socket accepts connections from now on. */
    LISTEN("listen", "connections may queue from now on"),
    /** A connection was accepted. */
    ACCEPT("accept", "takes a connection from the queue"),
    /** A connect began. */
    CONNECT("connect", "asks the server for a connection"),
    /** The connection is established. */
    CONNECTED("connected", "the systems have agreed on it"),
    /** Bytes were given to the system. */
    SEND("send", "gives bytes to the system"),
    /** Bytes were taken from the system. */
    RECEIVE("receive", "takes bytes from the system"),
    /** This end will send no more. */
    SHUTDOWN("shutdown", "sends no more, but still receives"),
    /** The other end will send no more, so a receive returned no bytes. */
    END("receive end", "nothing to read: the peer has ended"),
    /** The connection is closed here. */
    CLOSE("close", "gives the connection back"),
    /** The listening socket is closed. */
    STOP("close listener", "takes no more connections");

    private final String text;

    private final String meaning;

    Call(String text, String meaning) {
        this.text = text;
        this.meaning = meaning;
    }

    /** Returns the name of the call as it is drawn. */
    public String text() {
        return text;
    }

    /** Returns the meaning of the call, in a few words. */
    public String meaning() {
        return meaning;
    }
}
