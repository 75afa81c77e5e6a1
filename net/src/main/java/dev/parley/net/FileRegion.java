package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file region is a part of a file that is sent without a copy in this process, if the transport can do that. It must
 * be sent once, or {@link #release released}.
 */
public final class FileRegion {
    private final SendFile file;
    private final AtomicBoolean released = new AtomicBoolean();
    private long positionBytes;
    private int remainingBytes;

    FileRegion(SendFile file, long positionBytes, int countBytes) {
        this.file = file;
        this.positionBytes = positionBytes;
        this.remainingBytes = countBytes;
    }

    /** {@return how many bytes of the region were not sent yet} Only the thread that uses the region may call this. */
    public int remainingBytes() {
        return remainingBytes;
    }

    /** Releases the region after it was sent, or if it will never be sent. Calling it twice is harmless. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            file.release();
        }
    }

    /** Returns the supplier's result. If the result is false, or the supplier throws, the region is released. */
    boolean mayBeSent(BooleanSupplier whether) {
        boolean may = false;
        try {
            may = whether.getAsBoolean();
        } finally {
            if (!may) {
                release();
            }
        }
        return may;
    }

    /**
     * Writes once, as many bytes as the system takes. Called on the loop's thread.
     *
     * @param each gets the bytes that were taken, which must be read into this process for that; null if no observer
     *     sees traffic
     * @return how many bytes were taken
     * @throws IOException if the connection is broken, or the file has become shorter
     */
    int writeTo(Channel channel, ByteBuffer scratch, @Nullable Consumer<ByteBuffer> each) throws IOException {
        long taken = each == null ? channel.write(file.channel(), positionBytes, remainingBytes) : Channel.NO_FILES;
        if (taken == Channel.NO_FILES) {
            taken = copyTo(channel, scratch, each);
        }
        if (taken == 0 && file.channel().size() < positionBytes + remainingBytes) {
            throw tooShort();
        }
        positionBytes += taken;
        remainingBytes -= (int) taken;
        return (int) taken;
    }

    private int copyTo(Channel channel, ByteBuffer scratch, @Nullable Consumer<ByteBuffer> each) throws IOException {
        scratch.clear().limit(Math.min(scratch.capacity(), remainingBytes));
        if (file.channel().read(scratch, positionBytes) < 0) {
            throw tooShort();
        }
        scratch.flip();
        int taken = channel.write(scratch);
        if (each != null && taken > 0) {
            each.accept(scratch.slice(0, taken).asReadOnlyBuffer());
        }
        return taken;
    }

    private EOFException tooShort() {
        return new EOFException(file.path() + " has become shorter while it was sent");
    }
}
