package dev.parley.tests.bed;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.parley.net.Transports;
import dev.parley.net.transport.Transport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The features of this machine that a test needs. If one is missing, the test is skipped, and says why. */
public final class Usable {
    private Usable() {}

    /**
     * Returns the transport of this name; containers often forbid io_uring, and older kernels have too little of it.
     */
    public static Transport transport(String name) {
        if (!Transports.names().contains(name)) {
            throw new IllegalArgumentException("no transport is called " + name);
        }
        try {
            return Transports.named(name);
        } catch (IllegalArgumentException notHere) {
            return abort(String.valueOf(notHere.getMessage()));
        }
    }

    /** Returns whether this program is on the path, for tests that need it. */
    public static boolean isInstalled(String tool) {
        return Stream.of(System.getenv("PATH").split(":", 0))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }
}
