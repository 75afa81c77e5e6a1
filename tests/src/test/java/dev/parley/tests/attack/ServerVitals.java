package dev.parley.tests.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The facts that the system shows of a process. */
record ServerVitals(int descriptors, int threads, long rssKib) {
    static ServerVitals of(long pid) {
        Path process = Path.of("/proc", String.valueOf(pid));
        return new ServerVitals(count(process.resolve("fd")), count(process.resolve("task")), rssKib(pid));
    }

    private static int count(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return (int) entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns how much of its memory is in RAM; 0 if it has ended. */
    static long rssKib(long pid) {
        try (Stream<String> status = Files.lines(Path.of("/proc", String.valueOf(pid), "status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException ended) {
            return 0;
        }
    }
}
