package dev.parley.net;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file that is sent in regions. The file stays open until {@link #close} was called and all of its regions are
 * released. Any thread may use it.
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
     * @return the open file, which the caller must close
     * @throws IOException if the file cannot be opened
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
     * {@return a part of the file, for {@link LoopConnection#send(FileRegion)}}
     *
     * @param positionBytes the offset of the first byte in the file, 0 or more
     * @param countBytes the number of bytes, 0 or more
     * @throws IllegalArgumentException if the part is not inside the file
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

    /**
     * Ends one use of the file: the use by a region, or the use that {@link #close} ends. The last one closes the file.
     */
    void release() {
        if (users.decrementAndGet() == 0) {
            try {
                channel.close();
            } catch (IOException nothingWasWritten) {
                return;
            }
        }
    }

    /**
     * Closes the file as soon as all its regions are released; until then, they can still be sent. No further regions
     * can be made. Calling this method twice is harmless.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }
}
