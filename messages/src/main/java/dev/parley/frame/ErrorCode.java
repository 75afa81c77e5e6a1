package dev.parley.frame;

/**
 * The error codes of the protocol (docs/protocol.md, section 9), which are the values of {@code status} in a response.
 * A later version of the protocol may add codes.
 */
public enum ErrorCode {
    /** The header length is impossible. */
    BAD_FRAME("bad-frame"),
    /** The header is longer than this server accepts. */
    HEADER_TOO_LARGE("header-too-large"),
    /** The header is not one strict JSON object. */
    BAD_HEADER("bad-header"),
    /** A required key is missing. */
    MISSING_FIELD("missing-field"),
    /** A key has a value that is not allowed. */
    BAD_FIELD("bad-field"),
    /** The content is longer than this server accepts. */
    CONTENT_TOO_LARGE("content-too-large"),
    /** The content is not valid for its type. */
    BAD_CONTENT("bad-content"),
    /** A new request has the id of an exchange that is not over. */
    DUPLICATE_ID("duplicate-id"),
    /** The handler does not accept this type of content. */
    UNSUPPORTED_TYPE("unsupported-type"),
    /** The server has no handler for an action of this name. */
    UNKNOWN_ACTION("unknown-action"),
    /** The server does not know the content's encoding. */
    UNSUPPORTED_ENCODING("unsupported-encoding"),
    /** The message was not completed in time, or got no response in time. */
    TIMEOUT("timeout"),
    /** The server is stopping; the request may or may not have been handled. */
    UNAVAILABLE("unavailable"),
    /** The handler refused; the code in the content is the application's own. */
    FAILED("failed"),
    /** The server has no room for the request now; it was not handled. */
    BUSY("busy"),
    /** The handler threw an exception. */
    INTERNAL("internal"),
    /** The client cancelled the request, or its authorization was revoked; its handler may have run. */
    CANCELLED("cancelled"),
    /** The server stops soon and takes no new requests; the request was not handled. */
    GOING_AWAY("going-away"),
    /** The request has no credentials that the server knows. */
    UNAUTHORIZED("unauthorized"),
    /** The client is not allowed to do this. */
    FORBIDDEN("forbidden"),
    /** The peer made too many errors, cancels or pings. */
    TOO_MANY_ERRORS("too-many-errors");

    private final String wire;

    ErrorCode(String wire) {
        this.wire = wire;
    }

    /** {@return the code in the form in which it is sent} */
    public String wire() {
        return wire;
    }
}
