package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.cli.cert.DevelopmentCertificates;
import dev.parley.cli.files.FileFailedException;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the commands print about files that cannot be read or written. */
@Timeout(60)
class FailingFilesTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private int run(String... args) {
        return Parley.run(new Io(InputStream.nullInputStream(), OutputStream.nullOutputStream(), err, false), args);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Creates a file as an editor of Windows saves it. */
    private Path latin1() throws Exception {
        return Files.write(directory.resolve("latin1"), "pässword".getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Creates a file that root cannot read either. */
    private Path endless() throws Exception {
        return Files.createSymbolicLink(directory.resolve("endless"), Path.of("endless"));
    }

    @Test
    void aPasswordThatIsNotUtf8SaysSo() throws Exception {
        Path password = latin1();
        int status = run(
                "echo",
                "client",
                "tls://127.0.0.1:1",
                "--tls-cert=c.pem",
                "--tls-key=k.pem",
                "--tls-password-file",
                password.toString());
        assertThat(status).isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).isEqualTo("parley: cannot read the password in " + password + ": it is not UTF-8\n");
    }

    @Test
    void aContentThatCannotBeReadSaysWhyInWords() throws Exception {
        Path file = endless();
        assertThat(run("call", "tcp://127.0.0.1:1", "x", "@" + file)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).startsWith("parley: cannot read " + file + ": Too many levels of symbolic links");
    }

    @Test
    void dataThatCannotBeReadSaysWhyInWords() throws Exception {
        Path file = endless();
        assertThat(run("app", "server", "tcp://127.0.0.1:0", "--data", file.toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .startsWith("parley: cannot read the data file " + file + ": Too many levels of symbolic links");
    }

    /** A user who may read everything cannot cause this error. */
    @Test
    void aForbiddenFileIsNotNamedTwice() {
        assertThat(FileFailedException.reason(new AccessDeniedException("/secret")))
                .isEqualTo("permission denied");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative", "?"})
    void keysAreNotMadeInTheCurrentDirectory(String home) {
        assertThatThrownBy(() -> DevelopmentCertificates.of(Map.of("HOME", home, "XDG_DATA_HOME", home)))
                .isInstanceOf(FileFailedException.class)
                .hasMessageContaining("HOME or XDG_DATA_HOME must be an absolute path");
    }

    @Test
    void aLockThatCannotBeOpenedIsAFileThatFails() throws Exception {
        var certificates = DevelopmentCertificates.of(Map.of("XDG_DATA_HOME", directory.toString()));
        Path lock = Files.createDirectories(certificates.directory().resolve(".lock"));
        assertThatThrownBy(certificates::makeOrRenew)
                .isInstanceOf(FileFailedException.class)
                .hasMessageStartingWith("cannot write " + lock + ": ");
    }

    /** Like the message of a full disk, this one names no file itself. */
    @Test
    void aFailureOfKeytoolNamesTheDirectory() throws Exception {
        var certificates = DevelopmentCertificates.of(Map.of("XDG_DATA_HOME", directory.toString()));
        Files.createDirectories(certificates.directory());
        String java = System.getProperty("java.home");
        System.setProperty("java.home", directory.toString());
        try {
            assertThatThrownBy(certificates::makeOrRenew)
                    .isInstanceOf(FileFailedException.class)
                    .hasMessageStartingWith("cannot make the certificates in " + certificates.directory()
                            + ": this Java has no keytool");
        } finally {
            System.setProperty("java.home", java);
        }
    }

    @Test
    void aCertificateThatIsNotThereIsAFileThatFails() {
        Path missing = directory.resolve("missing.pem");
        assertThat(run("cert", "show", missing.toString())).isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).isEqualTo("parley: cannot read " + missing + ": there is no such file\n");
    }

    @Test
    void aProgramThatIsNotUtf8SaysSo() throws Exception {
        Path program = Files.move(latin1(), directory.resolve("Hello.java"));
        assertThat(run("run", program.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("cannot read '" + program + "': it is not UTF-8");
    }
}
