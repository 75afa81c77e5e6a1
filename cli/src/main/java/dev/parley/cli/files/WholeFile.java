package dev.parley.cli.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;

/**
 * A file that is there whole or not at all. It is written beside, under a name that nobody can guess and that must be
 * new, and then moved into its place: a link that another user has put at either name is not written through.
 */
public final class WholeFile {
    private static final Set<OpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private WholeFile() {}

    /**
     * Writes this text, in UTF-8, in the place of whatever is there.
     *
     * @throws IOException where the system refuses; then what was there before is still there, and nothing else
     */
    public static void write(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(".parley-" + UUID.randomUUID());
        try {
            writeNew(beside, text);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static void writeNew(Path file, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        try (SeekableByteChannel channel = Files.newByteChannel(file, NEW)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
