package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.packages.MadePackages.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests what {@code parley package} says before it builds anything. */
@Timeout(60)
class PackageToolsTest {
    private static final String SCRIPT =
            MadePackages.CHECKOUT.resolve("scripts/package.sh").toString();

    @TempDir
    private Path directory;

    @Test
    void aToolThatIsMissingIsNamedBeforeAnythingIsBuilt() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("tools"));
        for (String tool : List.of("sh", "dirname", "sed", "cat", "tar", "gzip", "sha256sum", "grep", "readlink")) {
            Files.createSymbolicLink(
                    bin.resolve(tool), Path.of("/usr/bin", tool).toRealPath());
        }
        var environment = Map.of("PATH", bin.toString(), "JAVA_HOME", System.getProperty("java.home"));
        Path out = directory.resolve("nothing");
        Result refused =
                MadePackages.run(directory, environment, "/bin/sh", SCRIPT, "--out", out.toString(), "deb", "zip");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err())
                .contains("cannot be made without:")
                .contains("dpkg-deb (Debian: apt-get install dpkg)")
                .contains("strip (Debian: apt-get install binutils)")
                .contains("zip (Debian: apt-get install zip)");
    }

    @Test
    void aDirectoryWithAColonAndAnUnknownPackageAreRefused() throws Exception {
        Path colon = Files.createDirectory(directory.resolve("a:b"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), colon);
        Result behind = MadePackages.run(directory, System.getenv(), "sh", SCRIPT, "--out", link.toString(), "maven");
        assertThat(behind.status()).isEqualTo(2);
        assertThat(behind.err()).hasLineCount(1).contains("a path with a colon in it");
        Path out = directory.resolve("nothing");
        Result unknown = MadePackages.run(directory, System.getenv(), "sh", SCRIPT, "--out", out.toString(), "rpm");
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).contains("there is no package 'rpm'; image, deb, zip or maven");
    }

    /** BusyBox and macOS have tools of the same names, and a runtime alone has no jlink. */
    @Test
    void toolsOfAnotherKindAndAJdkWithoutJlinkAreNamed() throws Exception {
        Path bin = Files.createDirectories(directory.resolve("other tools"));
        for (String tool : List.of("tar", "date", "find", "xargs")) {
            Path other = Files.writeString(bin.resolve(tool), "#!/bin/sh\necho unknown option >&2\nexit 1\n");
            Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        var environment = Map.of(
                "PATH", bin + ":/usr/bin:/bin", "JAVA_HOME", jdkWithoutJlink().toString());
        Path out = directory.resolve("nothing");
        Result refused = MadePackages.run(directory, environment, "/bin/sh", SCRIPT, "--out", out.toString(), "image");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err())
                .contains("GNU tar (Debian: apt-get install tar)")
                .contains("GNU date (Debian: apt-get install coreutils)")
                .contains("GNU find (Debian: apt-get install findutils)")
                .contains("GNU xargs (Debian: apt-get install findutils)")
                .contains("jlink (it is not in ")
                .hasLineCount(1);
        assertThat(out).doesNotExist();
    }

    private Path jdkWithoutJlink() throws IOException {
        Path home = directory.resolve("jdk");
        Files.createDirectories(home.resolve("bin"));
        Path whole = Path.of(System.getProperty("java.home"));
        Files.createSymbolicLink(home.resolve("bin/javac"), whole.resolve("bin/javac"));
        Files.createSymbolicLink(home.resolve("release"), whole.resolve("release"));
        return home;
    }
}
