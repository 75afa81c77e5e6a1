package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
     * @param path a regular file that can be read
     * @return the open file, which the caller must close
     * @throws IOException if the file cannot be opened, or is a directory or another file that is not regular
     */
    public static SendFile open(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) { // a directory can be opened, but not read; to open a pipe would wait
            throw new FileSystemException(
                    path.toString(), null, attributes.isDirectory() ? "it is a directory" : "it is not a regular file");
        }
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
     * {@return a part of the file, for {@link LoopConnection#send(SendFile.Region)}}
     *
     * @param positionBytes the offset of the first byte in the file, 0 or more
     * @param countBytes the number of bytes, 0 or more
     * @throws IllegalArgumentException if the part is not inside the file
     * @throws IllegalStateException if the file is closed
     */
    public Region region(long positionBytes, int countBytes) {
        if (positionBytes < 0 || countBytes < 0 || positionBytes > sizeBytes - countBytes) {
            throw new IllegalArgumentException(
                    "bytes " + positionBytes + " to " + (positionBytes + countBytes) + " of a file of " + sizeBytes);
        }
        if (closed.get() || users.getAndUpdate(now -> now == 0 ? 0 : now + 1) == 0) {
            throw new IllegalStateException(path + " is closed");
        }
        return new Region(this, positionBytes, countBytes);
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

    /**
     * A region is a part of the file that is sent without a copy in this process, if the transport can do that. It must
     * be sent once, or {@link #release released}.
     */
    public static final class Region {
        private final SendFile file;
        private final AtomicBoolean released = new AtomicBoolean();
        private long positionBytes;
        private int remainingBytes;

        private Region(SendFile file, long positionBytes, int countBytes) {
            this.file = file;
            this.positionBytes = positionBytes;
            this.remainingBytes = countBytes;
        }

        /**
         * {@return how many bytes of the region were not sent yet} Only the thread that uses the region may call this.
         */
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
         * @param each gets the bytes that were taken, which must be read into this process for that; null if no
         *     observer sees traffic
         * @return how many bytes were taken
         * @throws FileException if the file has become shorter, or cannot be read
         * @throws IOException if the connection is broken
         */
        int writeTo(Channel channel, ByteBuffer scratch, @Nullable Consumer<ByteBuffer> each) throws IOException {
            // A callback may have left the interrupt flag set; the JDK would then close the file, which other
            // connections may be sending.
            var _ = Thread.interrupted();
            long taken = each == null ? transferTo(channel) : Channel.NO_FILES;
            if (taken == Channel.NO_FILES) {
                taken = copyTo(channel, scratch, each);
            }
            if (taken == 0 && reading(() -> file.channel().size()) < positionBytes + remainingBytes) {
                throw tooShort();
            }
            positionBytes += taken;
            remainingBytes -= (int) taken;
            return (int) taken;
        }

        private int transferTo(Channel channel) throws IOException {
            try {
                return channel.write(file.channel(), positionBytes, remainingBytes);
            } catch (IOException ofEither) {
                read(ByteBuffer.allocate(1)); // throws if the file was the reason
                throw ofEither;
            }
        }

        private int read(ByteBuffer into) throws FileException {
            return reading(() -> file.channel().read(into, positionBytes));
        }

        private int copyTo(Channel channel, ByteBuffer scratch, @Nullable Consumer<ByteBuffer> each)
                throws IOException {
            scratch.clear().limit(Math.min(scratch.capacity(), remainingBytes));
            if (read(scratch) < 0) {
                throw tooShort();
            }
            scratch.flip();
            int taken = channel.write(scratch);
            if (each != null && taken > 0) {
                each.accept(scratch.slice(0, taken).asReadOnlyBuffer());
            }
            return taken;
        }

        private FileException tooShort() {
            return new FileException(file.path() + " has become shorter while it was sent", null);
        }

        private <T> T reading(Callable<T> read) throws FileException {
            try {
                return read.call();
            } catch (Exception e) {
                throw new FileException(file.path() + " cannot be read: " + e.getMessage(), e);
            }
        }
    }

    /** Thrown if the file, and not the connection, is the reason why the peer will not get all bytes. */
    static final class FileException extends IOException {
        private static final long serialVersionUID = 1L;

        private FileException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
