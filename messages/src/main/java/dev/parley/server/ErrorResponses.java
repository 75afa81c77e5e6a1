package dev.parley.server;

import dev.parley.ApplicationException;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RequestRejectedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameException;
import dev.parley.frame.Header;
import dev.parley.json.JsonText;
import java.io.IOException;

/**
 * Makes error responses (docs/protocol.md, section 9). The tutorial's client prints the member {@code result} of a
 * response, so the error's text is there.
 */
public final class ErrorResponses {
    /** Made in advance, since there may be no memory left when it is needed. */
    private static final Message HANDLER_FAILED =
            of(ErrorCode.INTERNAL, "the handler failed; the server's log says why");

    private ErrorResponses() {}

    /** Returns the response with this code, and one sentence for people. */
    public static Message of(ErrorCode code, String message) {
        return of(code, code.wire(), message);
    }

    private static Message of(ErrorCode code, String ownCode, String message) {
        String json = "{\"result\": " + JsonText.string("Error: " + message) + ", \"code\": \"" + ownCode + "\"}";
        return Message.json(json).with(Header.STATUS, code.wire());
    }

    /** Returns the response to a request whose time is over, so that the client no longer waits for it. */
    static Message overdue(Message request) {
        return of(
                ErrorCode.TIMEOUT,
                "the handler did not answer within the " + request.header().timeoutMillis()
                        + " ms that the client waits (timeout-ms)");
    }

    /** Returns the only message to a connection for which there is no room. It is sent before any request was read. */
    static Message noRoom(String why) {
        return of(ErrorCode.BUSY, why + "; try again later").withProtocolKey(Header.CLOSE, true);
    }

    /** Returns the response to a request whose principal was revoked; the code says whether its handler has begun. */
    static Message revoked(ErrorCode code) {
        return of(code, "the authorization was revoked");
    }

    static Message of(FrameException error) {
        return of(error.code(), String.valueOf(error.getMessage()));
    }

    /**
     * Returns the response for an exception that a handler threw. If the exception was not thrown to report something
     * to the peer, the response is {@code internal} without details. The response is also {@code internal} if {@code
     * getMessage} of the exception itself throws.
     */
    static Message of(Throwable thrown) {
        try {
            return switch (thrown) {
                case RequestRejectedException e -> of(e.code(), words(e));
                case ApplicationException e -> of(ErrorCode.FAILED, e.applicationCode(), words(e));
                case ContentException e when !e.isOfAnswer() -> of(e.code(), words(e));
                case IOException e when e.getCause() instanceof FrameException badPiece -> of(badPiece);
                default -> HANDLER_FAILED;
            };
        } catch (Throwable withoutWords) {
            return HANDLER_FAILED;
        }
    }

    private static String words(Throwable thrown) {
        String words = thrown.getMessage();
        return words == null ? "the handler refused the request, and gave no reason" : words;
    }

    /** Returns true if the handler threw this exception on purpose, to report something to the peer. */
    static boolean isAnswer(Throwable thrown) {
        return thrown instanceof RequestRejectedException
                || thrown instanceof ApplicationException
                || thrown instanceof IOException && thrown.getCause() instanceof FrameException
                || thrown instanceof ContentException content && !content.isOfAnswer();
    }
}
