package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.json.JsonText;
import java.nio.ByteBuffer;

/** Makes messages for a bus. */
public final class ClusterMessages {
    private ClusterMessages() {}

    /**
     * {@return the bytes of a message, from its length to the end of its content}
     *
     * @param message any message
     */
    public static byte[] write(Message message) {
        ByteBuffer bytes = FrameWriter.write(message.frame());
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        return all;
    }

    /**
     * {@return an error response}
     *
     * @param code the code, which is the response's {@code status}
     * @param why one sentence for people
     */
    public static Message error(ErrorCode code, String why) {
        String json = "{\"result\": " + JsonText.string("Error: " + why) + ", \"code\": \"" + code.wire() + "\"}";
        return Message.json(json).with(Header.STATUS, code.wire());
    }
}
