package dev.parley.net.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time that a thread has had, as Linux shows it (proc(5)): the JDK's own way is a module of its own. It
 * is read by a thread that has something to judge, and never by the one that is judged.
 */
final class ThreadCpuTime {
    static final long UNKNOWN = -1;

    private final Path directory;

    private ThreadCpuTime(Path directory) {
        this.directory = directory;
    }

    /** Returns the processor time of the calling thread. */
    static ThreadCpuTime ofThisThread() {
        Path own = Path.of("/proc/thread-self");
        try {
            return new ThreadCpuTime(Path.of("/proc").resolve(Files.readSymbolicLink(own)));
        } catch (IOException | UnsupportedOperationException notLinux) {
            return new ThreadCpuTime(own.resolve("unknown")); // which tells nothing
        }
    }

    /** {@return in nanoseconds, or {@link #UNKNOWN}} Any thread. */
    long nanos() {
        try {
            String all = read("schedstat");
            return Long.parseLong(all.substring(0, all.indexOf(' ')));
        } catch (IOException | RuntimeException notHere) {
            return UNKNOWN;
        }
    }

    /** {@return whether it waits inside the system, for a disk or a peer; false where that is unknown} Any thread. */
    boolean waitsInSystem() {
        try {
            String all = read("stat");
            char state = all.charAt(all.lastIndexOf(')') + 2); // behind the name, which may hold anything
            return state == 'S' || state == 'D';
        } catch (IOException | RuntimeException notHere) {
            return false;
        }
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file), StandardCharsets.ISO_8859_1);
    }
}
