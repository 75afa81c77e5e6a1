package dev.parley.cli.completion;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The words that are the name of a file with something before it, which no shell completes by itself. */
final class FileWords {
    private static final int ENTRIES_MAX = 200;

    private FileWords() {}

    /**
     * Returns the files and directories next to which the path is.
     *
     * @param before what stands before the path in the word
     * @param path the path as far as it is typed
     * @param wanted decides which files are offered; directories always are
     */
    static List<Candidate> beside(String before, String path, Predicate<Path> wanted) {
        String directory = path.substring(0, path.lastIndexOf('/') + 1);
        String begun = path.substring(directory.length());
        var found = new ArrayList<Candidate>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory.isEmpty() ? "." : directory))) {
            for (Path entry : entries) {
                boolean isDirectory = Files.isDirectory(entry);
                String name = String.valueOf(entry.getFileName());
                if (found.size() < ENTRIES_MAX && name.startsWith(begun) && (isDirectory || wanted.test(entry))) {
                    found.add(new Candidate(before + directory + name + (isDirectory ? "/" : "")));
                }
            }
        } catch (IOException | InvalidPathException notReadable) {
            return List.of();
        }
        found.sort((one, other) -> one.text().compareTo(other.text()));
        return found;
    }
}
