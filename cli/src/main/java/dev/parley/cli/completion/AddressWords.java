package dev.parley.cli.completion;

import dev.parley.net.Address;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What an address can become: the default address, or the path of a Unix socket that is there. */
final class AddressWords {
    private static final String UNIX = "unix:";
    private static final int ENTRIES_MAX = 200;

    private AddressWords() {}

    static Completion of(String typed) {
        if (typed.startsWith(UNIX)) {
            return Completion.of(socketsBelow(typed.substring(UNIX.length())));
        }
        return Completion.of(List.of(
                new Candidate(Address.DEFAULT, "the default address"),
                new Candidate("tcp://", "a host and a port"),
                new Candidate("tls://", "a host and a port, with TLS"),
                new Candidate(UNIX, "the path of a Unix socket")));
    }

    /** Returns the sockets and directories next to which the path is. A file of another kind is not an address. */
    private static List<Candidate> socketsBelow(String path) {
        String directory = path.substring(0, path.lastIndexOf('/') + 1);
        var found = new ArrayList<Candidate>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory.isEmpty() ? "." : directory))) {
            for (Path entry : entries) {
                if (found.size() < ENTRIES_MAX && (Files.isDirectory(entry) || isOfAnotherKind(entry))) {
                    String slash = Files.isDirectory(entry) ? "/" : "";
                    found.add(new Candidate(UNIX + directory + entry.getFileName() + slash));
                }
            }
        } catch (IOException notReadable) {
            return List.of();
        }
        found.sort((one, other) -> one.text().compareTo(other.text()));
        return found;
    }

    private static boolean isOfAnotherKind(Path entry) {
        return Files.exists(entry) && !Files.isRegularFile(entry);
    }
}
