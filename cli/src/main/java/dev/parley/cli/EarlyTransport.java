package dev.parley.cli;

import dev.parley.net.Transports;
import java.util.List;

/**
 * Finds out which transport the kernel allows, on a thread of its own, while the command line is read: each takes a
 * noticeable part of the start, so they run side by side. Used once, when the process starts.
 */
final class EarlyTransport {
    private static final List<String> GROUPS = List.of("echo", "multi", "app");
    /** The option of all commands that has a value, which may be the next argument. */
    private static final String COLOR = "--color";

    private static final List<String> OPEN_LOOPS = List.of("server", "client");

    private EarlyTransport() {}

    /**
     * Begins if these arguments start a server or a client that uses the preferred transport. Returns at once. If the
     * user names a transport, the kernel is not asked for another: a filter of system calls may end the process for it.
     */
    static void begin(String... args) {
        if (useIt(args)) {
            Thread.ofPlatform().daemon().name("parley-early-transport").start(Transports::preferred);
        }
    }

    /** Returns true if a command with these arguments uses the preferred transport. */
    static boolean useIt(String... args) {
        List<String> all = List.of(args);
        int at = 0;
        while (at < args.length && args[at].startsWith("-")) {
            at += args[at].equals(COLOR) ? 2 : 1;
        }
        return at + 1 < args.length
                && GROUPS.contains(args[at])
                && OPEN_LOOPS.contains(args[at + 1])
                && all.stream().noneMatch(EarlyTransport::isOther);
    }

    /** Returns true for an option that chooses a transport, or only prints help. */
    private static boolean isOther(String argument) {
        return argument.startsWith("--transport") || argument.equals("--help") || argument.equals("-h");
    }
}
