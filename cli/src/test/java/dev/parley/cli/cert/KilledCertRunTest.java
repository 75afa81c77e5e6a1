package dev.parley.cli.cert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.cli.files.FileFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the next run removes the key of the authority that a killed run has left behind. */
class KilledCertRunTest {
    @TempDir
    private Path directory;

    @Test
    void theNextRunRemovesWhatAKilledOneLeft() throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("new123")).resolve("keys.p12"), "a key");
        Files.writeString(directory.resolve(".new-1"), "half a key");
        Files.writeString(Files.createDirectory(directory.resolve("new456")).resolve("notes"), "the user's own");
        Files.writeString(directory.resolve("newer.pem"), "the user's own");
        assertThat(new DevelopmentCertificates(directory, InstantSource.system()).makeOrRenew())
                .isNotEmpty();
        assertThat(names())
                .contains("new456", "newer.pem", "ca.pem")
                .noneMatch(name -> name.equals("new123") || name.startsWith(".new-"));
        assertThat(directory.resolve("new456/notes")).exists();
    }

    @Test
    void aFileThatCannotBeWrittenLeavesNoneBesideIt() throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("ca-key.pem")).resolve("file"), "in the way");
        assertThatExceptionOfType(FileFailedException.class)
                .isThrownBy(() -> new DevelopmentCertificates(directory, InstantSource.system()).makeOrRenew());
        assertThat(names()).containsExactlyInAnyOrder(".lock", "ca-key.pem");
    }

    private List<String> names() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
