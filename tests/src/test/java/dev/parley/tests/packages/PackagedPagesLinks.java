package dev.parley.tests.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The links in the pages of a package. */
final class PackagedPagesLinks {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#: ]+)(#[^)]*)?\\)");

    private PackagedPagesLinks() {}

    /** Returns the links to files that are not there. */
    static List<String> dead(Path directory) throws IOException {
        List<Path> pages;
        try (Stream<Path> files = Files.walk(directory)) {
            pages = files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/runtime/"))
                    .toList();
        }
        var dead = new ArrayList<String>();
        for (Path page : pages) {
            Matcher links = LINK.matcher(Files.readString(page));
            while (links.find()) {
                if (!Files.exists(page.resolveSibling(links.group(1)))) {
                    dead.add(page + " -> " + links.group(1));
                }
            }
        }
        return dead;
    }
}
