package dev.parley.cli.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.cli.files.FileFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests how the library of a package gets into the local Maven repository. */
@Timeout(60)
class InstallationTest {
    @TempDir
    private Path directory;

    private Path library() throws IOException {
        Path from = Files.createDirectories(directory.resolve("library/dev/parley"));
        Files.writeString(from.resolve("a.jar"), "a");
        return directory.resolve("library");
    }

    @Test
    void aRepositoryThatCannotBeWrittenIsAFileThatFails() throws Exception {
        Path from = library();
        Path to = Files.createFile(directory.resolve("repository"));
        assertThatThrownBy(() -> Installation.copy(from, to))
                .isInstanceOf(FileFailedException.class)
                .hasMessageStartingWith("cannot put the library into " + to + ": ")
                .hasMessageNotContainingAny("Exception", "java.");
    }

    @Test
    void noHalfOfAFileIsLeft() throws Exception {
        Path from = library();
        Path to = directory.resolve("repository");
        Path parent = Files.createDirectories(to.resolve("dev/parley"));
        Files.createFile(Files.createDirectory(parent.resolve("a.jar")).resolve("in the way"));
        assertThatThrownBy(() -> Installation.copy(from, to)).isInstanceOf(FileFailedException.class);
        try (Stream<Path> left = Files.list(parent)) {
            assertThat(left).containsExactly(parent.resolve("a.jar"));
        }
    }

    @Test
    void nothingIsPutIntoTheCurrentDirectoryForAUserWithoutAHome() throws Exception {
        String home = System.getProperty("user.home");
        System.setProperty("user.home", "?");
        try {
            assertThatThrownBy(() -> MavenRepository.local(Map.of()))
                    .isInstanceOf(FileFailedException.class)
                    .hasMessageContaining("-Dmaven.repo.local=DIR");
            assertThat(MavenRepository.local(Map.of("MAVEN_ARGS", "-Dmaven.repo.local=/r")))
                    .isEqualTo(Path.of("/r"));
        } finally {
            System.setProperty("user.home", home);
        }
    }
}
