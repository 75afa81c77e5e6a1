package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the launcher, in a checkout of its own with a JVM and a Maven that only print how they were called. */
@Timeout(300)
class LauncherTest extends LauncherBed {
    private long builds() throws IOException {
        Path told = directory.resolve("builds");
        return Files.exists(told) ? Files.readAllLines(told).size() : 0;
    }

    @Test
    void buildsOnFirstUseAndAfterAChangeOfTheSourceAlone() throws Exception {
        Result first = parley("echo", "client", "a b", "");
        assertThat(first.status()).isZero();
        assertThat(first.out()).endsWith("dev.parley.cli.Parley echo client a b \n");
        assertThat(builds()).isEqualTo(1);
        parley("tour");
        assertThat(builds()).isEqualTo(1);
        Path source = Files.createFile(checkout.resolve("cli/src/main/New.java"));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
        parley("tour");
        assertThat(builds()).isEqualTo(2);
    }

    /** Starts it as systemd does: with a descriptor, and variables that name the process that becomes the service. */
    private Result activated(int sockets) throws Exception {
        String start =
                "exec 3</dev/zero; LISTEN_PID=$$ LISTEN_FDS=" + sockets + " LISTEN_FDNAMES=a exec \"$0\" multi server";
        return run(Map.of(), "sh", "-c", start, checkout.resolve("parley").toString());
    }

    @Test
    void theSocketThatSystemdHandsOverBecomesStandardInput() throws Exception {
        script("jdk/bin/java", "echo \"$(readlink /proc/self/fd/0) ${LISTEN_FDS-none} ${LISTEN_PID-none}\"");
        assertThat(activated(1).out()).endsWith("/dev/zero none none\n");
        assertThat(activated(0).out()).doesNotContain("/dev/zero");
        Result forAnother = run(
                Map.of("LISTEN_PID", "1", "LISTEN_FDS", "1"),
                checkout.resolve("parley").toString());
        assertThat(forAnother.out()).endsWith(" 1 1\n");
        Result two = activated(2);
        assertThat(two.status()).isEqualTo(2);
        assertThat(two.err()).contains("systemd hands over 2 sockets; one is supported");
    }

    @Test
    void startsFromTheCacheOfItsKindOfCommand() throws Exception {
        script("jdk/bin/java", """
                echo "java $*"
                for word in "$@"; do
                    case $word in -XX:AOTCacheOutput=*) : >"${word#*=}" ;; esac
                done""");
        for (String command : List.of("multi", "echo")) {
            assertThat(parley(command, "server").out()).contains("/cli/target/parley-bytes.aot ");
        }
        for (String option : List.of("-v", "--color=never")) {
            assertThat(parley(option, "echo", "server").out()).contains("/cli/target/parley-bytes.aot ");
        }
        for (String command : List.of("app", "--help", "--color")) {
            assertThat(parley(command).out()).contains("/cli/target/parley-all.aot ");
        }
    }

    @Test
    void startsWithoutACacheWhereNoneCanBeMade() throws Exception {
        script("jdk/bin/java", """
                case "$*" in *ModernJar* | *Training*) exit 1 ;; esac
                echo "java $*\"""");
        Result result = parley("multi", "server");
        assertThat(result.status()).isZero();
        assertThat(result.out()).doesNotContain("AOTCache").endsWith("dev.parley.cli.Parley multi server\n");
    }

    @Test
    void runsUnderAPlainShellToo() throws Exception {
        Result result = run(Map.of(), "sh", checkout.resolve("parley").toString(), "tour");
        assertThat(result.status()).isZero();
        assertThat(result.out()).endsWith("dev.parley.cli.Parley tour\n");
        assertThat(result.err())
                .hasLineCount(2)
                .startsWith("parley: building, which takes half a minute")
                .endsWith("/cli/target/launcher.log\n");
    }

    /** The JVM would open a file of its own in the place of a stream that came closed, and the client send that. */
    @ParameterizedTest
    @CsvSource({"<&-, cat", ">&-, echo x"})
    void aStandardStreamThatCameClosedCannotBeUsed(String closed, String use) throws Exception {
        script("jdk/bin/java", "if " + use + "; then echo worked >&2; else echo failed >&2; fi");
        Result result = run(
                Map.of(),
                "sh",
                "-c",
                "exec \"$0\" tour " + closed,
                checkout.resolve("parley").toString());
        assertThat(result.err()).endsWith("failed\n");
    }

    @ParameterizedTest
    @CsvSource({"C, C.UTF-8", "POSIX, C.UTF-8", "de_DE.UTF-8, C.UTF-8", "xx_XX.none, C.UTF-8"})
    void argumentsOutsideAsciiSurviveThePlainLocale(String locale, String expected) throws Exception {
        script("jdk/bin/java", "echo \"$LC_ALL\"");
        String launcher = checkout.resolve("parley").toString();
        assertThat(run(Map.of("LC_ALL", locale), launcher, "tour").out()).isEqualTo(expected + "\n");
    }

    /** The installed locales differ; this one is part of the C library. */
    @ParameterizedTest
    @CsvSource({
        "tour, C.utf8, C.UTF-8",
        "run, C.utf8, C.utf8",
        "run, xx_XX.UTF-8, C.UTF-8",
        "run, C, C.UTF-8",
        "-v run, C.utf8, C.utf8",
        "--color never --verbose run, C.utf8, C.utf8",
        "--color=never tour run, C.utf8, C.UTF-8"
    })
    void aProgramOfTheUserKeepsTheLocale(String command, String locale, String expected) throws Exception {
        script("jdk/bin/java", "echo \"$LC_ALL\"");
        String launcher = checkout.resolve("parley").toString();
        var line = new ArrayList<>(List.of(launcher));
        line.addAll(List.of(command.split(" ", 0)));
        line.add("Program.java");
        assertThat(run(Map.of("LC_ALL", locale), line.toArray(String[]::new)).out())
                .isEqualTo(expected + "\n");
    }

    @ParameterizedTest
    @CsvSource({"C, false", "POSIX, false", "de_DE.UTF-8, true", "'', true", "xx_XX.none, false"})
    void theLocaleSaysWhatIsDrawnWith(String locale, boolean unicode) throws Exception {
        script("jdk/bin/java", "echo \"$@\"");
        String launcher = checkout.resolve("parley").toString();
        Map<String, String> environment = Map.of("LC_ALL", locale, "LC_CTYPE", "", "LANG", "");
        assertThat(run(environment, launcher, "tour").out())
                .contains(" -Dparley.unicode=" + unicode + " ")
                .contains("-Dparley.terminal=false -Dparley.terminal.err=false -Dparley.columns=0 ");
    }

    @ParameterizedTest
    @CsvSource({"'', true, true", "2>/dev/null, true, false", "| cat, false, true"})
    void theTerminalIsAskedForItsColumns(String to, boolean out, boolean err) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "util-linux makes the terminal");
        script("jdk/bin/java", "echo \"$@\"");
        String command = "stty cols 47; '" + checkout.resolve("parley") + "' tour " + to;
        assertThat(run(Map.of(), "script", "-qec", command, "/dev/null").out())
                .contains("-Dparley.terminal=" + out + " -Dparley.terminal.err=" + err + " -Dparley.columns=47 ");
    }

    /** A file that the user's shell has opened for the command, such as a pipe that the port is to be written to. */
    @Test
    void theDescriptorsOfTheUserStayOpen() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "util-linux makes the terminal");
        script("jdk/bin/java", "case $* in *Parley*) echo kept >&3; echo kept >&9 ;; esac");
        String command = "'" + checkout.resolve("parley") + "' tour 3>three 9>nine";
        run(Map.of(), "script", "-qec", command, "/dev/null");
        assertThat(told("three")).isEqualTo("kept\n");
        assertThat(told("nine")).isEqualTo("kept\n");
    }

    @Test
    void aBuildThatFailsIsToldAndIsNoFailureToConnect() throws Exception {
        script("bin/mvn", "echo 'no such compiler'; exit 1");
        Result result = parley("tour");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("no such compiler").endsWith("parley: the build failed; see above.\n");
    }

    @Test
    void aDescriptorThatIsNotHandedOverIsSaid() throws Exception {
        String start = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" multi server 3<&-";
        Result result =
                run(Map.of(), "sh", "-c", start, checkout.resolve("parley").toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo("parley: LISTEN_FDS says that a socket is handed over, but descriptor 3 is not open.\n");
    }

    @Test
    void whatAnybodyMayWriteIsNotRun() throws Exception {
        parley("tour");
        Path target = checkout.resolve("cli/target");
        for (Path open : List.of(target, target.resolve("lib"))) {
            var before = Files.getPosixFilePermissions(open);
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
            Result result = parley("tour");
            assertThat(result.status()).isEqualTo(2);
            assertThat(result.out()).isEmpty();
            assertThat(result.err()).hasLineCount(1).startsWith("parley: anybody may write to ");
            Files.setPosixFilePermissions(open, before);
        }
        assertThat(parley("tour").status()).isZero();
    }

    @Test
    void whatItMakesIsItsOwnersToWriteWhateverTheUmask() throws Exception {
        String start = "umask 0; exec \"$0\" tour";
        run(Map.of(), "sh", "-c", start, checkout.resolve("parley").toString());
        for (String made : List.of("cli/target", "cli/target/lib", "cli/target/launcher.jars")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(checkout.resolve(made))))
                    .as(made)
                    .doesNotMatch(".{4}w.*|.{7}w.*");
        }
    }

    @Test
    void aJarThatWasNotBuiltIsNotRun() throws Exception {
        parley("tour");
        Files.createFile(checkout.resolve("cli/target/lib/0-planted.jar"));
        assertThat(parley("tour").out())
                .contains("/lib/a.jar:")
                .doesNotContain("planted")
                .doesNotContain("lib/*");
    }

    @Test
    void aLockThatIsALinkIsNotWrittenThrough() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "kept");
        Path target = Files.createDirectories(checkout.resolve("cli/target"));
        Files.createSymbolicLink(target.resolve("launcher.lock"), precious);
        Result result = parley("tour");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("nothing is built yet");
        assertThat(precious).hasContent("kept");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`-Da=1 -Db=2`, `[-Da=1][-Db=2]`",
                "`-Da=\"x y\" -Db='1 2'`, `[-Da=x y][-Db=1 2]`",
                "`-Da=*  -Db=?`, `[-Da=*][-Db=?]`",
                "`-Da=$HOME`, `[-Da=$HOME]`",
                "`-Da=x\\ y`, `[-Da=x y]`"
            })
    void optionsOfTheJvmAreWordsAsAShellReadsThem(String said, String words) throws Exception {
        script("jdk/bin/java", "for word in \"$@\"; do printf '[%s]' \"$word\"; done");
        String launcher = checkout.resolve("parley").toString();
        assertThat(run(Map.of("PARLEY_JAVA_OPTS", said), launcher, "tour").out())
                .contains(words + "[-cp]");
    }

    @Test
    void aQuoteWithoutItsOtherIsSaid() throws Exception {
        String launcher = checkout.resolve("parley").toString();
        Result result = run(Map.of("PARLEY_JAVA_OPTS", "-Da=\"x"), launcher, "tour");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .endsWith("parley: PARLEY_JAVA_OPTS has a quote without the one that ends it: -Da=\"x\n");
    }

    @ParameterizedTest
    @CsvSource({"PARLEY_JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"})
    void anotherCollectorTakesThePlaceOfOurs(String variable) throws Exception {
        String launcher = checkout.resolve("parley").toString();
        assertThat(run(Map.of(), launcher, "tour").out()).contains("-XX:+UseSerialGC");
        assertThat(run(Map.of(variable, "-Xmx100m -XX:+UseG1GC"), launcher, "tour")
                        .out())
                .doesNotContain("UseSerialGC");
    }

    @Test
    void aCheckoutThatMayNotBeWrittenSaysSo() throws Exception {
        Files.createFile(checkout.resolve("cli/target"));
        Result result = parley("tour");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .hasLineCount(1)
                .contains("nothing is built yet")
                .contains("may not be written");
    }

    @Test
    void aPathThatJavaCannotRunFromSaysSo() throws Exception {
        Files.delete(directory.resolve("jdk/release"));
        layOut("a:b");
        Result result = parley("tour");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("a path with a colon in it");
    }

    @Test
    void aDirectoryThatIsGoneSaysSo() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "elsewhere a directory in use may not be removable");
        Result result = run(
                Map.of(),
                "sh",
                "-c",
                "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" tour",
                checkout.resolve("parley").toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("parley: the current directory is gone");
    }
}
