package dev.parley.link;

import dev.parley.Message;
import dev.parley.net.FileRegion;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits to be sent on a stream.
 *
 * @param message the whole message, or only its header if its content is in a file
 * @param file the content in a file; null if the message has its own
 */
record OutboundMessage(Message message, @Nullable FileRegion file) {
    int contentBytes() {
        return file == null ? message.contentLength() : file.remainingBytes();
    }

    /** Returns the size of the memory that it takes; content in a file takes none. */
    int heldBytes() {
        return StreamMessages.OBJECTS_BYTES + message.contentLength();
    }

    /** Drops the message, which will not be sent. */
    void drop() {
        if (file != null) {
            file.release();
        }
    }
}
