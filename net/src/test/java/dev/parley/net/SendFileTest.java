package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SendFileTest {
    private final ByteBuffer scratch = ByteBuffer.allocate(100);

    @TempDir
    Path directory = Path.of("");

    private interface Writes {
        int from(FileChannel file) throws IOException;
    }

    /** Returns a channel that writes files as the function says, and takes all other bytes. */
    private static Channel channel(Writes files) {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (_, method, given) -> {
                    if (given != null && given.length == 3) {
                        return files.from((FileChannel) given[0]);
                    }
                    if (method.getName().equals("write")) {
                        var bytes = (ByteBuffer) given[0];
                        int count = bytes.remaining();
                        bytes.position(bytes.limit());
                        return count;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** A directory can be opened, but not read, which would cost the connection. To open a pipe would wait. */
    @Test
    void onlyARegularFileIsOpened() {
        assertThatThrownBy(() -> SendFile.open(directory))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(directory + ": it is a directory");
        assertThatThrownBy(() -> SendFile.open(Path.of("/dev/null"))).hasMessage("/dev/null: it is not a regular file");
        assertThatThrownBy(() -> SendFile.open(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    private SendFile open() throws IOException {
        return SendFile.open(Files.write(directory.resolve("file"), new byte[50]));
    }

    /** The peer does not cause this failure. */
    @Test
    void aFileThatCannotBeReadIsToldFromABrokenConnection() throws Exception {
        try (SendFile file = open()) {
            SendFile.Region region = file.region(0, 50);
            Channel broken = channel(from -> {
                throw new IOException("Connection reset");
            });
            assertThatThrownBy(() -> region.writeTo(broken, scratch, null))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("Connection reset");
            file.channel().close();
            assertThatThrownBy(() -> region.writeTo(broken, scratch, null))
                    .isInstanceOf(SendFile.FileException.class)
                    .hasMessageContaining("cannot be read");
            Channel copies = channel(from -> Channel.NO_FILES);
            assertThatThrownBy(() -> region.writeTo(copies, scratch, null)).isInstanceOf(SendFile.FileException.class);
            region.release();
        }
    }

    /** The JDK closes a file whose reader is interrupted, and other connections may send the same file. */
    @Test
    void anInterruptDoesNotCloseTheFile() throws Exception {
        try (SendFile file = open()) {
            SendFile.Region region = file.region(0, 50);
            Thread.currentThread().interrupt();
            assertThat(region.writeTo(channel(from -> Channel.NO_FILES), scratch, null))
                    .isEqualTo(50);
            assertThat(file.channel().isOpen()).isTrue();
        } finally {
            var _ = Thread.interrupted();
        }
    }
}
