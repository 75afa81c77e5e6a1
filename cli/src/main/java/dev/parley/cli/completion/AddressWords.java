package dev.parley.cli.completion;

import dev.parley.net.Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The completions of an address: the default address, or the path of a Unix socket that is there. */
final class AddressWords {
    private static final String UNIX = "unix:";

    private AddressWords() {}

    static Completion of(String typed) {
        if (typed.startsWith(UNIX)) {
            return Completion.of(FileWords.beside(UNIX, typed.substring(UNIX.length()), AddressWords::isOfAnotherKind));
        }
        return Completion.of(List.of(
                new Candidate(Address.DEFAULT, "the default address"),
                new Candidate("tcp://", "a host and a port"),
                new Candidate("tls://", "a host and a port, with TLS"),
                new Candidate(UNIX, "the path of a Unix socket")));
    }

    /** A file of another kind than a socket or a directory is not an address. */
    private static boolean isOfAnotherKind(Path entry) {
        return Files.exists(entry) && !Files.isRegularFile(entry);
    }
}
