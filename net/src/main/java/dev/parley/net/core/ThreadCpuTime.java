package dev.parley.net.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time that a thread has used, as Linux shows it (proc(5)); the JDK's own interface for this needs a
 * further module. The thread that watches the loops reads it, never the thread that is measured.
 */
final class ThreadCpuTime {
    static final long UNKNOWN = -1;

    private final Path directory;

    private ThreadCpuTime(Path directory) {
        this.directory = directory;
    }

    /** Returns an object that reads the processor time of the calling thread. */
    static ThreadCpuTime ofThisThread() {
        Path own = Path.of("/proc/thread-self");
        try {
            return new ThreadCpuTime(Path.of("/proc").resolve(Files.readSymbolicLink(own)));
        } catch (IOException | UnsupportedOperationException notLinux) {
            return new ThreadCpuTime(own.resolve("unknown")); // nanos() of this one returns UNKNOWN
        }
    }

    /** {@return the processor time in nanoseconds, or {@link #UNKNOWN}} Any thread may call this. */
    long nanos() {
        try {
            String all = read("schedstat");
            return Long.parseLong(all.substring(0, all.indexOf(' ')));
        } catch (IOException | RuntimeException notHere) {
            return UNKNOWN;
        }
    }

    /**
     * {@return whether the thread waits inside the system, for a disk or a peer; false if that is not known} Any thread
     * may call this.
     */
    boolean waitsInSystem() {
        try {
            String all = read("stat");
            char state = all.charAt(all.lastIndexOf(')') + 2); // after the name, which may contain anything
            return state == 'S' || state == 'D';
        } catch (IOException | RuntimeException notHere) {
            return false;
        }
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file), StandardCharsets.ISO_8859_1);
    }
}
