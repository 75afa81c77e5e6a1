package dev.parley.tests.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A snippet of the published modules' Javadoc.
 *
 * @param file whose Javadoc it is in
 * @param line of its first line there, from 1
 * @param code without the comment's asterisks
 */
record JavadocSnippet(Path file, int line, List<String> code) {
    private static final List<Path> ROOTS =
            List.of(Path.of("../net/src/main"), Path.of("../messages/src/main"), Path.of("../testkit/src/main"));
    private static final String START = "{@snippet";

    static List<JavadocSnippet> all() throws IOException {
        var found = new ArrayList<JavadocSnippet>();
        for (Path file : sources()) {
            find(file, found);
        }
        return found;
    }

    /** Returns the main sources of the modules that are published. */
    static List<Path> sources() throws IOException {
        var sources = new ArrayList<Path>();
        for (Path root : ROOTS) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
            }
        }
        return sources;
    }

    private static void find(Path file, List<JavadocSnippet> found) throws IOException {
        List<String> lines = Files.readAllLines(file);
        for (int start = 0; start < lines.size(); start++) {
            if (lines.get(start).contains(START)) {
                int end = endOf(lines, start);
                List<String> code = lines.subList(start + 1, end).stream()
                        .map(line -> line.strip().replaceFirst("^\\* ?", ""))
                        .toList();
                found.add(new JavadocSnippet(file, start + 2, code));
            }
        }
    }

    /** Returns the line of the brace that closes the snippet: like the javadoc tool, it counts them all. */
    private static int endOf(List<String> lines, int start) {
        int depth = 0;
        for (int i = start; i < lines.size(); i++) {
            String line = lines.get(i);
            depth += (int) line.chars().filter(c -> c == '{').count();
            depth -= (int) line.chars().filter(c -> c == '}').count();
            if (depth == 0) {
                return i;
            }
        }
        throw new AssertionError("a snippet without an end at line " + (start + 1));
    }

    /** Returns the name of the type whose file contains it. */
    String type() {
        return file.getFileName().toString().replace(".java", "");
    }

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
