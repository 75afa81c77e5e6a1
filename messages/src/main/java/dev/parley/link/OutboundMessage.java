package dev.parley.link;

import dev.parley.Message;
import dev.parley.net.SendFile;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits to be sent on a stream.
 *
 * @param message the whole message, or only its header if its content is in a file
 * @param file the content if it is in a file; null if the message has its content itself
 */
record OutboundMessage(Message message, SendFile.@Nullable Region file) {
    int contentBytes() {
        return file == null ? message.contentLength() : file.remainingBytes();
    }

    /** Returns the memory that the message takes, in bytes. Content in a file takes no memory. */
    long heldBytes() {
        return StreamMessages.heldBytes(message);
    }

    /** Drops the message. Called if the message will not be sent. */
    void drop() {
        if (file != null) {
            file.release();
        }
    }
}
