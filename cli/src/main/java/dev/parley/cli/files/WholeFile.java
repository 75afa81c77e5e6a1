package dev.parley.cli.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file completely or not at all. The text is first written to a file beside it, with a name that cannot be
 * guessed and must be new, which is then moved into place: so a link that another user has put at either name is not
 * written through.
 */
public final class WholeFile {
    private WholeFile() {}

    /**
     * Writes this text, in UTF-8, and replaces what was there.
     *
     * @throws IOException if the system refuses; then the old file is unchanged, and nothing else is left
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
