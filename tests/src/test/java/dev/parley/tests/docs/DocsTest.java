package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.parley.cli.program.SourceProgram;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tests that every page is true: its code compiles, its commands run and print what it shows, its links lead somewhere.
 */
class DocsTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#: ]*)(#[^)]*)?\\)");

    @TempDir
    private Path directory;

    @TestFactory
    Stream<DynamicContainer> everyPageIsTrue() throws IOException {
        return DocBlock.pages().stream().map(page -> {
            try {
                return dynamicContainer(page.toString(), testsOf(page));
            } catch (IOException e) {
                throw new AssertionError(page + ": " + e, e);
            }
        });
    }

    /** Returns the tests of a page. Its blocks share a directory: what one saves or makes, the later ones find. */
    private Stream<DynamicTest> testsOf(Path page) throws IOException {
        Path place = directory.resolve(page.toString().replaceAll("\\W", "_"));
        return DocBlock.of(page).stream()
                .map(block -> dynamicTest(block + " " + block.language() + " " + block.directive(), () -> {
                    if (!Files.exists(place)) {
                        Files.createDirectory(place);
                        check(block, DocSession.in(place));
                    } else {
                        check(block, DocSession.goingOnIn(place));
                    }
                }));
    }

    private void check(DocBlock block, DocSession session) throws Exception {
        if (!block.says("file").isEmpty()) {
            block.assertIsExcerpt();
            return;
        }
        if (!block.says("program").isEmpty()) {
            session.save(block.says("program"), block.text());
        }
        switch (block.language()) {
            case "console" -> run(block, session);
            case "java" -> compile(block);
            case "xml" -> assertIsOfThisBuild(block);
            case "json" -> assertThat(new JsonMapper().readTree(block.text())).isNotNull();
            case "sh" ->
                assertThat(block.says("not run"))
                        .as("%s: why it is not run", block)
                        .isNotEmpty();
            case "", "text" ->
                assertThat(block.text()).as("%s: commands are 'console'", block).doesNotContain("$ ./");
            default ->
                assertThat(block.directive()).as("%s: who checks it?", block).isNotEmpty();
        }
    }

    private static void run(DocBlock block, DocSession session) throws Exception {
        if (block.says("not run").isEmpty()) {
            for (String tool : block.says("needs").split("[, ]+", 0)) {
                assumeTrue(tool.isEmpty() || Usable.isInstalled(tool), tool + " is not installed");
            }
            session.run(block);
        }
    }

    /**
     * Asserts that the block has a dependency as our own modules have it: a version that is no longer ours would not be
     * found.
     */
    private static void assertIsOfThisBuild(DocBlock block) throws IOException {
        if (block.text().startsWith("<project")) {
            String ours = Files.readString(Path.of("../pom.xml"));
            assertThat(block.lines())
                    .filteredOn(line -> line.strip().matches("<version>\\d+\\.\\d+\\..*"))
                    .hasSizeGreaterThan(2)
                    .allSatisfy(line -> assertThat(ours).contains(line.replaceAll("\\s*</?version>\\s*", "") + "<"));
            return;
        }
        String pom = Files.readString(Path.of("../messages/pom.xml")).replaceAll("\\s+", "");
        assertThat(block.lines())
                .filteredOn(line -> !line.contains("dependency>"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(pom).contains(line.replaceAll("\\s+", "")));
    }

    /** Compiles the block: a whole program has a main; anything else is statements. */
    private void compile(DocBlock block) throws Exception {
        if (!block.says("program").isEmpty()) {
            Path file = Files.writeString(directory.resolve("Program" + block.line() + ".java"), block.text());
            var told = new StringWriter();
            assertThat(SourceProgram.compile(file, told)).as(told.toString()).isNotNull();
            return;
        }
        var snippet = new JavadocSnippet(block.page(), block.line(), block.lines());
        assertThat(SnippetCompiler.errorsOf(List.of(snippet), directory)).isEmpty();
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        var broken = new ArrayList<String>();
        for (Path page : DocBlock.pages()) {
            Matcher links = LINK.matcher(Files.readString(page));
            while (links.find()) {
                Path target = links.group(1).isEmpty() ? page : page.resolveSibling(links.group(1));
                String anchor = links.group(2);
                if (!Files.exists(target)
                        || anchor != null && !anchorsOf(target).contains(anchor)) {
                    broken.add(page + " -> " + links.group());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** Returns the anchors that GitHub gives the headings of a page. */
    private static List<String> anchorsOf(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
                .map(title -> "#" + title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .toList();
    }
}
