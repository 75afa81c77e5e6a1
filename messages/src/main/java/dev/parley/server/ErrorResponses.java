package dev.parley.server;

import dev.parley.ContentException;
import dev.parley.FailedException;
import dev.parley.Message;
import dev.parley.RefusedRequestException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameException;
import dev.parley.frame.Header;
import dev.parley.json.JsonText;
import java.io.IOException;

/** Makes error responses (docs/protocol.md, section 9). The tutorial's client prints their result as it is. */
final class ErrorResponses {
    /** Made before it is needed: there may be no memory then. */
    private static final Message HANDLER_FAILED =
            of(ErrorCode.INTERNAL, "the handler failed; the server's log says why");

    private ErrorResponses() {}

    static Message of(ErrorCode code, String message) {
        return of(code, code.wire(), message);
    }

    private static Message of(ErrorCode code, String ownCode, String message) {
        String json = "{\"result\": " + JsonText.string("Error: " + message) + ", \"code\": \"" + ownCode + "\"}";
        return Message.json(json).with(Header.STATUS, code.wire());
    }

    /** Returns the response to a request for which the client waits no longer. */
    static Message overdue(Message request) {
        return of(
                ErrorCode.TIMEOUT,
                "the handler did not answer within the " + request.header().timeoutMillis()
                        + " ms that the client waits (timeout-ms)");
    }

    /** Returns the last message to a connection for which there is no room, before anything was asked. */
    static Message noRoom(String why) {
        return of(ErrorCode.BUSY, why + "; try again later").withProtocolKey(Header.CLOSE, true);
    }

    static Message of(FrameException error) {
        return of(error.code(), String.valueOf(error.getMessage()));
    }

    /**
     * Returns the response for what a handler threw. If it was not thrown on purpose, it becomes {@code internal}, and
     * the peer learns nothing of it. So does an exception that throws when it is asked for its message.
     */
    static Message of(Throwable thrown) {
        try {
            return switch (thrown) {
                case RefusedRequestException e -> of(e.code(), String.valueOf(e.getMessage()));
                case FailedException e -> of(ErrorCode.FAILED, e.code(), String.valueOf(e.getMessage()));
                case ContentException e when !e.isOfAnswer() -> of(e.code(), String.valueOf(e.getMessage()));
                case IOException e when e.getCause() instanceof FrameException badPiece -> of(badPiece);
                default -> HANDLER_FAILED;
            };
        } catch (Throwable withoutWords) {
            return HANDLER_FAILED;
        }
    }

    /** Returns true if it was thrown on purpose, to report something to the peer. */
    static boolean isAnswer(Throwable thrown) {
        return thrown instanceof RefusedRequestException
                || thrown instanceof FailedException
                || thrown instanceof IOException && thrown.getCause() instanceof FrameException
                || thrown instanceof ContentException content && !content.isOfAnswer();
    }
}
