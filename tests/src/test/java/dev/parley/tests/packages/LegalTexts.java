package dev.parley.tests.packages;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads the licences of the libraries in a package. */
final class LegalTexts {
    private static final Pattern LIBRARY = Pattern.compile("\"purl\" ?: ?\"pkg:maven/([^/\"]+)/([^@\"]+)@");

    private LegalTexts() {}

    /**
     * Returns what is missing for the libraries in the list of parts: a text beside it, or a word about it in the
     * copyright file of the Debian package.
     */
    static List<String> missing(Path lib, Path copyright) throws IOException {
        String words = Files.readString(copyright);
        var missing = new ArrayList<String>();
        for (MatchResult library : LIBRARY.matcher(Files.readString(lib.resolve("parley-cyclonedx.json")))
                .results()
                .toList()) {
            String name = library.group(2);
            if (!library.group(1).equals("dev.parley")) {
                Path text = lib.resolve("legal").resolve(name).resolve("LICENSE");
                if (!Files.exists(text) || Files.size(text) == 0) {
                    missing.add(text.toString());
                }
                if (!words.contains(name)) {
                    missing.add(name + " in " + copyright);
                }
            }
        }
        return missing;
    }

    /** Returns the patterns for files in a copyright file that no file of the package matches. */
    static List<String> unmatchedFiles(Path root) throws IOException {
        List<String> lines = Files.readAllLines(root.resolve("usr/share/doc/parley/copyright"));
        var patterns = new ArrayList<String>();
        boolean files = false;
        for (String line : lines) {
            files = line.startsWith("Files: ") || files && line.startsWith(" ");
            if (files) {
                patterns.add(line.replace("Files:", "").strip());
            }
        }
        try (Stream<Path> all = Files.walk(root)) {
            // A star of this format stands for slashes too.
            List<Path> names = all.map(root::relativize).toList();
            patterns.removeIf(pattern -> {
                PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern.replace("*", "**"));
                return names.stream().anyMatch(matcher::matches);
            });
        }
        return patterns;
    }
}
