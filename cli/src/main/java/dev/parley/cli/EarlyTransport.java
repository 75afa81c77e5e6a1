package dev.parley.cli;

import dev.parley.net.Transports;
import java.util.List;

/**
 * Finds out which transport the kernel allows, on a thread of its own, while the command line is read: each takes a
 * noticeable part of the start, so they run side by side. Used once, when the process starts.
 */
final class EarlyTransport {
    private static final List<String> GROUPS = List.of("echo", "multi", "app");
    private static final List<String> OPEN_LOOPS = List.of("server", "client");

    private EarlyTransport() {}

    /**
     * Begins if these arguments start a server or a client that uses the preferred transport. Returns at once. If the
     * user names a transport, the kernel is not asked for another: a filter of system calls may end the process for it.
     */
    static void begin(String... args) {
        if (args.length > 1
                && GROUPS.contains(args[0])
                && OPEN_LOOPS.contains(args[1])
                && List.of(args).stream().noneMatch(EarlyTransport::isOther)) {
            Thread.ofPlatform().daemon().name("parley-early-transport").start(Transports::preferred);
        }
    }

    /** Returns true for an option that chooses a transport, or only prints help. */
    private static boolean isOther(String argument) {
        return argument.startsWith("--transport") || argument.equals("--help") || argument.equals("-h");
    }
}
