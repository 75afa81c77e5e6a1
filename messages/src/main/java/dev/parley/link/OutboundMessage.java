package dev.parley.link;

import dev.parley.Message;
import dev.parley.net.FileRegion;
import org.jspecify.annotations.Nullable;

/**
 * What waits to leave on a stream.
 *
 * @param message whole, or the header alone of one whose content is in a file
 * @param file that content; null where the message has its own
 */
record OutboundMessage(Message message, @Nullable FileRegion file) {
    int contentBytes() {
        return file == null ? message.contentLength() : file.remainingBytes();
    }

    /** How much memory it takes; what is in a file takes none. */
    int heldBytes() {
        return StreamMessages.OBJECTS_BYTES + message.contentLength();
    }

    /** It will not leave. */
    void drop() {
        if (file != null) {
            file.release();
        }
    }
}
