package dev.parley.cli.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file completely or not at all. The text is first written to a temporary file in the same directory. The
 * temporary file must be new, and its name cannot be guessed. Then it is renamed to the final name. So if another user
 * has created a link with one of the two names, the text is not written through the link.
 */
public final class WholeFile {
    private WholeFile() {}

    /**
     * Writes this text, in UTF-8, and replaces the file if it exists.
     *
     * @throws IOException if the system refuses; then the old file is unchanged, and no temporary file is left
     */
    public static void write(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(".parley-" + UUID.randomUUID());
        try {
            Files.writeString(
                    beside, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
