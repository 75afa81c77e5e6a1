package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One fenced block of a page, and the directive in the line above it.
 *
 * @param page the page that contains it
 * @param line the number of its first line there, from 1
 * @param language what is written behind its fence
 * @param directive the comment: {@code file: PATH} for an excerpt, {@code program: NAME} for a file that the page's
 *     commands run, {@code needs: TOOL} and {@code not run: REASON} for commands; empty where there is none
 * @param lines what it holds
 */
record DocBlock(Path page, int line, String language, String directive, List<String> lines) {
    private static final Path ROOT = Path.of("..");
    private static final String FENCE = "```";

    /** Returns every page: those of the root, of docs, and of the examples. */
    static List<Path> pages() throws IOException {
        var pages = new ArrayList<Path>();
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        for (String folder : List.of("docs", "examples")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        pages.sort(null);
        return pages;
    }

    static List<DocBlock> all() throws IOException {
        var blocks = new ArrayList<DocBlock>();
        for (Path page : pages()) {
            blocks.addAll(of(page));
        }
        return blocks;
    }

    static List<DocBlock> of(Path page) throws IOException {
        List<String> lines = Files.readAllLines(page);
        var blocks = new ArrayList<DocBlock>();
        for (int i = 0; i < lines.size(); i++) {
            String fence = lines.get(i);
            if (fence.startsWith(FENCE)) {
                int end = i + 1;
                while (!lines.get(end).equals(FENCE)) {
                    end++;
                }
                String directive = i == 0 ? "" : directive(lines.get(i - 1));
                blocks.add(new DocBlock(
                        page, i + 2, fence.substring(FENCE.length()).strip(), directive, lines.subList(i + 1, end)));
                i = end;
            }
        }
        return blocks;
    }

    private static String directive(String line) {
        return line.startsWith("<!--") && line.endsWith("-->")
                ? line.substring(4, line.length() - 3).strip()
                : "";
    }

    /** Returns the text after this word in the directive; empty if it says something else. */
    String says(String word) {
        return directive.startsWith(word + ":")
                ? directive.substring(word.length() + 1).strip()
                : "";
    }

    String text() {
        return String.join("\n", lines) + "\n";
    }

    /** Asserts that the file contains its lines one after the other, with any common indentation. */
    void assertIsExcerpt() throws IOException {
        List<String> file = Files.readAllLines(ROOT.resolve(says("file")));
        boolean found = false;
        for (int at = 0; at + lines.size() <= file.size() && !found; at++) {
            found = lines.equals(withoutIndentation(file.subList(at, at + lines.size())));
        }
        assertThat(found).as("%s is in %s", this, says("file")).isTrue();
    }

    private static List<String> withoutIndentation(List<String> lines) {
        int indentation = lines.stream()
                .filter(line -> !line.isBlank())
                .mapToInt(line -> line.length() - line.stripLeading().length())
                .min()
                .orElse(0);
        return lines.stream()
                .map(line -> line.isBlank() ? "" : line.substring(indentation))
                .toList();
    }

    @Override
    public String toString() {
        return ROOT.relativize(page) + ":" + line;
    }
}
