package dev.parley.net;

import dev.parley.net.text.Durations;
import dev.parley.net.text.SafeText;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the words, for people, that say why a connection closed: what happened, and which limit it exceeded. The
 * words for a failed connect are in {@link NetworkError}.
 */
final class CloseText {
    /** A connection that can say why it closed. */
    interface Told {
        /** {@return why this connection closed, in words for people} */
        String closeText();
    }

    private CloseText() {}

    /**
     * Returns the words for a reason; empty if there is none.
     *
     * @param cause the exception that closed the connection; null if there was none
     */
    static String of(@Nullable CloseReason reason, Limits limits, @Nullable Throwable cause) {
        if (reason == null) {
            return "";
        }
        String told = cause == null || cause.getMessage() == null ? "" : SafeText.text(cause.getMessage());
        return switch (reason) {
            case LOCAL -> "this side closed it";
            case PEER -> "the peer ended it";
            case RESET -> "the peer or the network aborted it" + (told.isEmpty() ? "" : " (" + told + ")");
            case TRUNCATED, TLS -> told;
            case IDLE ->
                "no byte was sent or received for " + Durations.text(limits.idleTimeout()) + ", the idle timeout";
            case WRITE_TIMEOUT ->
                "the peer accepted no bytes for " + Durations.text(limits.writeTimeout())
                        + (told.isEmpty() ? "" : ", and " + told);
            case HEADER_TIMEOUT -> "the peer did not finish a header in time";
            case CONTENT_TIMEOUT -> "the peer did not finish a content in time";
            case PING_TIMEOUT -> "the peer did not answer a ping in time";
            case AUTHORIZATION_TIMEOUT -> "the peer did not send accepted credentials in time";
            case CONNECT -> told.isEmpty() ? "it was never established" : told;
            case LIMIT -> told.isEmpty() ? "a limit of this side was exceeded" : told;
            case PROTOCOL -> told.isEmpty() ? "the peer broke the rules of the protocol" : told;
            case FAILED -> "code of this side failed" + (told.isEmpty() ? "" : ": " + told);
            case DRAIN -> "its loop was closed";
        };
    }
}
