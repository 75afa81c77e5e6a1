package dev.parley.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes the links out of pages that lead to no file beside them: a package has the pages, but not the source that they
 * link to. The words of the link stay. The build of the packages runs this program.
 */
final class PackagedPages {
    private static final Pattern LINK = Pattern.compile("\\[([^\\[\\]]*)\\]\\(([^)\\s#]+)(?:#[^)\\s]*)?\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");

    private PackagedPages() {}

    /** Changes the pages in the directories {@code args}, and in the directories in them. */
    public static void main(String[] args) throws IOException {
        for (String directory : args) {
            List<Path> pages;
            try (Stream<Path> files = Files.walk(Path.of(directory))) {
                pages = files.filter(file -> file.toString().endsWith(".md")).toList();
            }
            for (Path page : pages) {
                Files.writeString(page, withoutDeadLinks(page, Files.readString(page)));
            }
        }
    }

    static String withoutDeadLinks(Path page, String text) {
        return LINK.matcher(text).replaceAll(link -> {
            boolean leadsSomewhere =
                    ELSEWHERE.matcher(link.group(2)).matches() || Files.exists(page.resolveSibling(link.group(2)));
            return Matcher.quoteReplacement(leadsSomewhere ? link.group() : link.group(1));
        });
    }
}
