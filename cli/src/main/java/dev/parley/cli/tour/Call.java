package dev.parley.cli.tour;

/** What happened at one end, in the words of the socket calls. */
public enum Call {
    /** A socket got its address. */
    BIND("bind", "the socket gets its address"),
    /** It takes connections. */
    LISTEN("listen", "connections may queue from now on"),
    /** A connection was taken. */
    ACCEPT("accept", "takes a connection from the queue"),
    /** A connection was asked for. */
    CONNECT("connect", "asks the server for a connection"),
    /** It stands. */
    CONNECTED("connected", "the systems have agreed on it"),
    /** Bytes were given to the system. */
    SEND("send", "gives bytes to the system"),
    /** Bytes were taken from the system. */
    RECEIVE("receive", "takes bytes from the system"),
    /** This end will send no more. */
    SHUTDOWN("shutdown", "sends no more, but still receives"),
    /** The other end will send no more: a receive of nothing. */
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

    /** The call as it is drawn. */
    public String text() {
        return text;
    }

    /** What it does, in a few words. */
    public String meaning() {
        return meaning;
    }
}
