package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links that lead out of a package become words. */
class PackagedPagesTest {
    @Test
    void onlyLinksToWhatIsNotThereGo(@TempDir Path directory) throws Exception {
        Path docs = Files.createDirectory(directory.resolve("docs"));
        Files.createFile(directory.resolve("LICENSE"));
        Path page = Files.writeString(docs.resolve("page.md"), """
                [`a` and
                b](../net/A.java), [c](../LICENSE) and [d](page.md#e), [f](#g), [h](gone.md#i) \\1 $1
                [j](https://example.org/k) [l] (m) ![n](n.svg)
                """);
        Path other = Files.writeString(docs.resolve("page.txt"), "[a](gone.md)");
        PackagedPages.main(new String[] {directory.toString()});
        assertThat(page).hasContent("""
                `a` and
                b, [c](../LICENSE) and [d](page.md#e), [f](#g), h \\1 $1
                [j](https://example.org/k) [l] (m) !n
                """);
        assertThat(other).hasContent("[a](gone.md)");
    }
}
