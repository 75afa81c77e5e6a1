package dev.parley.tests.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The inputs that a target begins with: {@code TARGET.txt} beside this class, one a line; {@code #} is a comment. */
final class Seeds {
    private Seeds() {}

    static List<byte[]> of(Targets target) {
        return lines(target.title() + ".txt").stream().map(SeedText::bytes).toList();
    }

    /** Returns the words that mutations, and the engine, put into an input. */
    static List<byte[]> words() {
        return lines("words.txt").stream().map(SeedText::bytes).toList();
    }

    private static List<String> lines(String file) {
        try (InputStream stream = Objects.requireNonNull(Seeds.class.getResourceAsStream(file), file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
