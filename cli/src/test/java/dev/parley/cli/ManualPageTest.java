package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cli.manual.ManualPage;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the manual pages, as text in the macros of man(7). */
class ManualPageTest {
    private static String page(String... words) {
        var none = OutputStream.nullOutputStream();
        var command = CommandTree.under(new Parley(new Io(InputStream.nullInputStream(), none, none, false)));
        for (String word : words) {
            command = Objects.requireNonNull(command.getSubcommands().get(word));
        }
        return new ManualPage(command, "1.2.3", "2026-11-01").text();
    }

    @Test
    void aPageSaysWhatTheHelpSays() {
        String page = page("echo", "server");
        assertThat(page.lines())
                .contains(
                        ".TH \"PARLEY-ECHO-SERVER\" \"1\" \"2026-11-01\" \"Parley 1.2.3\" \"Parley\"",
                        ".SH \"NAME\"",
                        ".SH \"SYNOPSIS\"",
                        ".SH \"ARGUMENTS\"",
                        ".B \"\\-\\-port\\-file=FILE\"",
                        ".SH \"EXIT STATUS\"",
                        ".BR \"parley\\-echo\" \"(1)\"")
                .doesNotContain("");
        assertThat(page).contains("parley\\-echo\\-server \\- ").doesNotContain("${", "%n", "@|");
    }

    @Test
    void aPageOfAGroupListsItsCommands() {
        assertThat(page("echo").lines()).contains(".B \"parley echo server\"", ".B \"parley echo client\"");
        assertThat(page().lines()).contains(".B \"parley tour\"").noneMatch(line -> line.contains("parley complete\""));
    }

    @Test
    void noLineOfTextIsTakenForAMacro() {
        List<String> known = List.of("TH", "SH", "TP", "B", "BR", "EX", "EE", "PP");
        for (List<String> words : CommandOutputTest.everyCommand()) {
            assertThat(page(words.toArray(String[]::new)).lines().filter(line -> line.startsWith(".")))
                    .allMatch(line -> known.contains(line.substring(1).split(" ", 2)[0]));
        }
    }

    /**
     * The example is shown as a reader copies it: man(1) would print typographic quotation marks, which a shell does
     * not know.
     */
    @Test
    void anExampleCanBeCopied() {
        assertThat(page("call").lines())
                .contains("  parley call tcp://localhost:65432 search \\(aq{\"value\": \"morpheus\"}\\(aq");
        assertThat(page("call")).doesNotContain("'", "`", "^", "~");
    }

    @Test
    void everyCommandThatIsShownHasAPage(@TempDir Path directory) throws Exception {
        Manual.main(new String[] {directory.toString(), "2026-11-01"});
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("parley.1", "parley-echo-server.1", "parley-cert-show.1", "parley-health.1")
                    .doesNotContain("parley-complete.1");
        }
    }
}
