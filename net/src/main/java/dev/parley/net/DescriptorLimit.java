package dev.parley.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** The process's limit of open files (ulimit -n, getrlimit(2)): each connection takes one. Any thread. */
public final class DescriptorLimit {
    /** What the JVM, the log and the loops need beside the connections. */
    private static final int RESERVED = 256;

    private DescriptorLimit() {}

    /**
     * A warning when that many connections, and 256 descriptors for everything else, do not fit below the limit.
     *
     * @param connectionsMax how many connections are wanted at once, such as {@link Limits#connectionsMax}
     * @return one line for the operator; empty when they fit, or where the system does not show its limit (it does on
     *     Linux, in proc(5))
     */
    public static Optional<String> warningFor(int connectionsMax) {
        OptionalLong limit = maximum();
        if (limit.isEmpty() || limit.getAsLong() >= (long) connectionsMax + RESERVED) {
            return Optional.empty();
        }
        return Optional.of("the limit of open files (ulimit -n) is " + limit.getAsLong() + ", too low for "
                + connectionsMax + " connections: raise it to " + ((long) connectionsMax + RESERVED)
                + " or allow fewer connections");
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
