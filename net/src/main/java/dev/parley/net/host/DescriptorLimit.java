package dev.parley.net.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** The process's limit of open files (ulimit -n, getrlimit(2)): each connection takes one. Any thread. */
public final class DescriptorLimit {
    /** The number of descriptors that the JVM and a loop have open before there is a connection. */
    private static final int RESERVED_MIN = 32;

    /** The number of descriptors that the JVM, the log and the loops of a large server need beside the connections. */
    private static final int RESERVED_MAX = 256;

    private DescriptorLimit() {}

    /**
     * Returns a warning if that many connections do not fit below the limit, with what everything else needs: 32
     * descriptors and one more for each connection, at most 256.
     *
     * @param connectionsMax how many connections are wanted at once, such as the limit of a loop
     * @return one line for the operator; empty if they fit, or if the system does not show its limit (it does on Linux,
     *     in proc(5))
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

    /** The soft limit, which the JVM has raised to the hard one unless told not to; from proc(5). */
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
