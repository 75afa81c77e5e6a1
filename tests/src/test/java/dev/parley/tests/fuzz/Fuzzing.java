package dev.parley.tests.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The entry point for {@code bench/fuzz.sh}. The engine, Jazzer, looks for the three {@code fuzzer} methods by their
 * names; which target they run is in the property {@code parley.fuzz.target}.
 */
public final class Fuzzing {
    private static @Nullable Target target;

    private Fuzzing() {}

    /** Called once, before anything else. */
    public static void fuzzerInitialize() {
        target = Targets.titled(System.getProperty("parley.fuzz.target", "")).open();
    }

    /** Called for each input. */
    public static void fuzzerTestOneInput(byte[] data) {
        Objects.requireNonNull(target).run(data);
    }

    /** Called once, after everything else. */
    public static void fuzzerTearDown() {
        Objects.requireNonNull(target).close();
    }

    /**
     * {@code targets} prints their names; {@code seeds TARGET DIRECTORY} writes the seeds of one, a file each, and
     * {@code words FILE} the words, as the engine reads them; {@code line FILE} prints an input as a line for a file of
     * seeds.
     */
    static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "targets" -> List.of(Targets.values()).forEach(each -> System.out.println(each.title()));
            case "seeds" -> writeSeeds(Targets.titled(args[1]), Path.of(args[2]));
            case "words" ->
                Files.write(
                        Path.of(args[1]),
                        Seeds.words().stream().map(Fuzzing::quoted).toList());
            case "line" -> System.out.println(SeedText.line(Files.readAllBytes(Path.of(args[1]))));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void writeSeeds(Targets of, Path directory) throws IOException {
        int number = 0;
        for (byte[] seed : Seeds.of(of)) {
            Files.write(directory.resolve("seed-" + number++), seed);
        }
    }

    private static String quoted(byte[] word) {
        var quoted = new StringBuilder("\"");
        for (byte each : word) {
            quoted.append(String.format("\\x%02X", each & 0xff));
        }
        return quoted.append('"').toString();
    }
}
