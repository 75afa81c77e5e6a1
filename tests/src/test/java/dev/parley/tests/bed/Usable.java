package dev.parley.tests.bed;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.parley.net.Transports;
import dev.parley.net.transport.Transport;

/** What this machine lets a test use; where it does not, the test is skipped, and says why. */
public final class Usable {
    private Usable() {}

    /** The transport of this name; containers often forbid io_uring, and older kernels have too little of it. */
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
}
