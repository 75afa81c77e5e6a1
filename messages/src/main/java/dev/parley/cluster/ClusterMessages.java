package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.server.ErrorResponses;

/** Makes messages for a bus. */
public final class ClusterMessages {
    private ClusterMessages() {}

    /**
     * {@return an error response}
     *
     * @param code the code, which is the response's {@code status}
     * @param why one sentence for people
     */
    public static Message error(ErrorCode code, String why) {
        return ErrorResponses.of(code, why);
    }
}
