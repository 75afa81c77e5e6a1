package dev.parley.frame;

/**
 * The error codes of the protocol (docs/protocol.md, section 9), as they stand in a response's {@code status}. A later
 * version may have more.
 */
public enum ErrorCode {
    /** The length cannot be that of a header. */
    BAD_FRAME("bad-frame"),
    /** The header is longer than this server takes. */
    HEADER_TOO_LARGE("header-too-large"),
    /** The header is not one strict JSON object. */
    BAD_HEADER("bad-header"),
    /** A required key is missing. */
    MISSING_FIELD("missing-field"),
    /** A key has a value that it may not have. */
    BAD_FIELD("bad-field"),
    /** The content is longer than this server takes. */
    CONTENT_TOO_LARGE("content-too-large"),
    /** The content is not what its type says. */
    BAD_CONTENT("bad-content"),
    /** A new request with the id of one that is not over. */
    DUPLICATE_ID("duplicate-id"),
    /** The handler takes another type of content. */
    UNSUPPORTED_TYPE("unsupported-type"),
    /** Nobody handles an action of this name. */
    UNKNOWN_ACTION("unknown-action"),
    /** No character set that both sides know. */
    UNSUPPORTED_ENCODING("unsupported-encoding"),
    /** The message was not finished, or not answered, in time. */
    TIMEOUT("timeout"),
    /** The server stops; the request may or may not have been handled. */
    UNAVAILABLE("unavailable"),
    /** The handler refused; the content's code is a name of its own. */
    FAILED("failed"),
    /** The server has no room for it now; it was not handled. */
    BUSY("busy"),
    /** The handler threw. */
    INTERNAL("internal"),
    /** The client gave the request up; its handler may have run. */
    CANCELLED("cancelled"),
    /** The server stops soon and takes no new requests; it was not handled. */
    GOING_AWAY("going-away"),
    /** The request carries no credentials that are known. */
    UNAUTHORIZED("unauthorized"),
    /** Whoever asks may not do this. */
    FORBIDDEN("forbidden"),
    /** The peer made too many errors, cancels or pings. */
    TOO_MANY_ERRORS("too-many-errors");

    private final String wire;

    ErrorCode(String wire) {
        this.wire = wire;
    }

    /** {@return the code as it is sent} */
    public String wire() {
        return wire;
    }
}
