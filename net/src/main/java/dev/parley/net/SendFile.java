package dev.parley.net;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file that is sent in regions. It stays open until it is closed and each of its regions was sent, or never will be.
 * Any thread may use it.
 */
public final class SendFile implements AutoCloseable {
    private final FileChannel channel;
    private final Path path;
    private final long sizeBytes;

    /** The number of users: one until {@link #close}, and one for each region. */
    private final AtomicInteger users = new AtomicInteger(1);

    private final AtomicBoolean closed = new AtomicBoolean();

    private SendFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.sizeBytes = channel.size();
    }

    /**
     * Opens a file.
     *
     * @param path a file that can be read
     * @return the file, open; the caller closes it
     * @throws IOException if it cannot be opened
     */
    public static SendFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new SendFile(path, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** {@return the size of the file when it was opened} */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * {@return a part of it, for {@link LoopConnection#send(FileRegion)}}
     *
     * @param positionBytes where it begins, 0 or more
     * @param countBytes how long it is, 0 or more
     * @throws IllegalArgumentException if it is not inside the file
     * @throws IllegalStateException if the file is closed
     */
    public FileRegion region(long positionBytes, int countBytes) {
        if (positionBytes < 0 || countBytes < 0 || positionBytes > sizeBytes - countBytes) {
            throw new IllegalArgumentException(
                    "bytes " + positionBytes + " to " + (positionBytes + countBytes) + " of a file of " + sizeBytes);
        }
        if (closed.get() || users.getAndUpdate(now -> now == 0 ? 0 : now + 1) == 0) {
            throw new IllegalStateException(path + " is closed");
        }
        return new FileRegion(this, positionBytes, countBytes);
    }

    FileChannel channel() {
        return channel;
    }

    Path path() {
        return path;
    }

    /** Ends one use: that of a region, or our own. */
    void release() {
        if (users.decrementAndGet() == 0) {
            try {
                channel.close();
            } catch (IOException nothingWasWritten) {
                return;
            }
        }
    }

    /** Takes no further regions; those that are on their way are still sent. Calling it twice is harmless. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }
}
