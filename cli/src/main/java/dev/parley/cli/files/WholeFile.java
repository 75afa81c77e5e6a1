package dev.parley.cli.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that is there whole or not at all. It is written beside, under a name that nobody can guess and that must be
 * new, and then moved into its place: a link that another user has put at either name is not written through.
 */
public final class WholeFile {
    private WholeFile() {}

    /**
     * Writes this text, in UTF-8, in the place of whatever is there.
     *
     * @throws IOException where the system refuses; then what was there before is still there, and nothing else
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
