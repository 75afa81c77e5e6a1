package dev.parley.net.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides whether the process's limit of open files (ulimit -n, getrlimit(2)) is high enough for a number of
 * connections, each of which takes one descriptor. Any thread may use it.
 */
public final class DescriptorLimit {
    /** The number of descriptors that the JVM and a loop have open before there is a connection. */
    private static final int RESERVED_MIN = 32;

    /**
     * The number of descriptors that the JVM, the log and the loops of a large server need in addition to its
     * connections.
     */
    private static final int RESERVED_MAX = 256;

    private DescriptorLimit() {}

    /**
     * Returns a warning if the limit is too low for this number of connections and for all other uses. The other uses
     * are assumed to need 32 descriptors and one more for each connection, but at most 256.
     *
     * @param connectionsMax how many connections may be open at the same time, such as the limit of a loop
     * @return one line for the operator; empty if the limit is high enough, or if the system does not show it (Linux
     *     shows it in proc(5))
     */
    public static Optional<String> warningFor(int connectionsMax) {
        OptionalLong limit = maximum();
        long wanted = wanted(connectionsMax);
        if (limit.isEmpty() || limit.getAsLong() >= wanted) {
            return Optional.empty();
        }
        return Optional.of("the limit of open files (ulimit -n) is " + limit.getAsLong() + ", too low for "
                + connectionsMax + " connections: raise it to " + wanted + " or allow fewer connections");
    }

    private static long wanted(long connectionsMax) {
        return connectionsMax + Math.min(RESERVED_MIN + connectionsMax, RESERVED_MAX);
    }

    /**
     * Returns the soft limit, from proc(5). The JVM has raised it to the hard limit, unless an option of the JVM
     * forbids that.
     */
    private static OptionalLong maximum() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
                if (line.startsWith("Max open files")) {
                    String[] fields = line.split("\\s+", -1);
                    return fields[3].equals("unlimited")
                            ? OptionalLong.empty()
                            : OptionalLong.of(Long.parseLong(fields[3]));
                }
            }
        } catch (IOException | RuntimeException notShown) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }
}
