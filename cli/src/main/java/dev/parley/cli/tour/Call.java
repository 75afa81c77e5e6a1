package dev.parley.cli.tour;

/** What happened at one end, in the words of the socket calls. */
public enum Call {
    /** A socket got its address. */
    BIND("bind"),
    /** It takes connections. */
    LISTEN("listen"),
    /** A connection was taken. */
    ACCEPT("accept"),
    /** A connection was asked for. */
    CONNECT("connect"),
    /** It stands. */
    CONNECTED("connected"),
    /** Bytes were given to the system. */
    SEND("send"),
    /** Bytes were taken from the system. */
    RECEIVE("receive"),
    /** This end will send no more. */
    SHUTDOWN("shutdown"),
    /** The other end will send no more: a receive of nothing. */
    END("receive end"),
    /** The connection is closed here. */
    CLOSE("close"),
    /** The listening socket is closed. */
    STOP("close listener");

    private final String text;

    Call(String text) {
        this.text = text;
    }

    /** The call as it is drawn. */
    public String text() {
        return text;
    }
}
