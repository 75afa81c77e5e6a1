package dev.parley.tests.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of this project that people write. */
final class SourceFiles {
    static final Path ROOT = Path.of("..");

    private SourceFiles() {}

    /** Returns those whose name ends so, in the order of their paths, without what a build has made. */
    static List<Path> endingWith(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .filter(file -> !file.toString().contains("/target/"))
                    .sorted()
                    .toList();
        }
    }
}
