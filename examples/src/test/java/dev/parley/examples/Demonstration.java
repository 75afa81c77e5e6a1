package dev.parley.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs what an example shows without arguments, and knows what its page says of it. */
final class Demonstration {
    private static final Path PAGES = Path.of("../docs/recipes");
    private static final String SOURCES = "examples/src/main/java/dev/parley/examples/";

    /** The main method of an example. */
    interface Program {
        void main(String... args) throws Exception;
    }

    private Demonstration() {}

    /** Returns what the program prints. */
    static String outputOf(Program program) throws Exception {
        var out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            program.main();
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    /** Returns what a page shows below the command that runs this example without arguments. */
    static String shownOn(String page, String example) throws IOException {
        List<String> lines = Files.readAllLines(PAGES.resolve(page));
        int command = lines.indexOf("$ ./parley run " + SOURCES + example);
        assertThat(command).as("the command on " + page).isPositive();
        return String.join(
                "\n",
                lines.subList(command + 1, lines.size()).stream()
                        .takeWhile(line -> !line.startsWith("```") && !line.startsWith("$ "))
                        .toList());
    }
}
