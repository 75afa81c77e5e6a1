package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.tests.bed.Usable;
import dev.parley.tests.packages.MadePackages.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the packages, made twice: of this checkout, and of a copy in a directory with a blank in its name, as on a
 * machine with less memory and one processor. What is in them runs without a JDK in its environment, except for the
 * zip.
 */
@Timeout(2_400)
class PackagesTest {
    private static final Map<String, String> BARE = Map.of("PATH", "/usr/bin:/bin");
    /** The packages that are made twice. Javadoc takes a minute, so the library is made twice only in a full run. */
    private static final String[] AGAIN =
            Boolean.getBoolean("parley.full") ? new String[0] : new String[] {"image", "deb", "zip"};

    private static final long IMAGE_BYTES_MAX = 70_000_000;
    private static final double EXPOSURE_MAX = 2.0;

    /** A program of one file, which uses Parley and a module that Parley does not use itself. */
    private static final String PROGRAM = """
            import dev.parley.*;
            import java.net.http.HttpClient;

            record Greet(String name) {}

            void main() throws Exception {
                var greet = Action.of("greet", Greet.class, String.class);
                try (var server = Server.builder().on(greet, g -> "Hi " + g.name()).listen("tcp://localhost:0");
                        var client = Client.connect(server.address())) {
                    IO.println(client.call(greet, new Greet("Ada")) + HttpClient.Version.HTTP_2);
                }
            }
            """;

    /** A program of one file that needs the client of the broker, which is in no package's path. */
    private static final String CLUSTER_PROGRAM = """
            void main() throws Exception {
                dev.parley.Cluster.connect("nats://127.0.0.1:1/shop");
            }
            """;

    @TempDir
    private static Path directory;

    private static @Nullable MadePackages made;
    private static @Nullable MadePackages again;
    private static @Nullable Path image;

    private @Nullable Process server;

    @BeforeAll
    static void make() throws Exception {
        for (String tool : List.of("tar", "dpkg-deb", "zip", "strip", "unzip")) {
            assumeTrue(Usable.isInstalled(tool), tool + " is not installed");
        }
        Path copy = Files.createDirectories(directory.resolve("a copy"));
        // A checkout of a user who keeps files to himself.
        String sources = "tar -cf - --exclude=target --exclude=.git . | tar -C '" + copy
                + "' -xf - && chmod -R go-rwx '" + copy + "'";
        assertThat(MadePackages.run(MadePackages.CHECKOUT, System.getenv(), "sh", "-c", sources)
                        .status())
                .isZero();
        Path one = directory.resolve("one");
        Path other = directory.resolve("other place");
        Process first = MadePackages.start(MadePackages.CHECKOUT, one);
        Process second = MadePackages.startAsOnAnotherMachine(copy, other, AGAIN);
        made = MadePackages.await(first, one);
        again = MadePackages.await(second, other);
        image = unpacked("unpacked here");
    }

    private static MadePackages made() {
        return Objects.requireNonNull(made);
    }

    private static Path image() {
        return Objects.requireNonNull(image);
    }

    private static Path unpacked(String name) throws Exception {
        Path to = Files.createDirectories(directory.resolve(name));
        String archive = made().file(".tar.gz").toString();
        assertThat(MadePackages.run(to, BARE, "tar", "-xzf", archive).status()).isZero();
        return MadePackages.only(to);
    }

    @AfterEach
    void endServer() throws InterruptedException {
        if (server != null) {
            // A process that makes namespaces does not pass on signals, so its children get them.
            List<ProcessHandle> children = server.descendants().toList();
            (children.isEmpty() ? List.of(server.toHandle()) : children).forEach(ProcessHandle::destroy);
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private String listening(Path at, Map<String, String> environment, String... command) throws IOException {
        server = MadePackages.start(at, environment, command);
        String line = firstLine();
        assertThat(line).startsWith("listening on ");
        return line.substring("listening on ".length());
    }

    private String firstLine() throws IOException {
        InputStream in = Objects.requireNonNull(server).getInputStream();
        return String.valueOf(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine());
    }

    @Test
    void theSameSourceMakesTheSameBytesAnywhere() throws Exception {
        List<String> second = Objects.requireNonNull(again).checksums().lines().toList();
        assertThat(made().checksums().lines()).hasSize(4).containsAll(second);
        assertThat(second).hasSize(AGAIN.length == 0 ? 4 : AGAIN.length);
    }

    @Test
    void theImageIsSmall() throws Exception {
        assertThat(Files.size(made().file(".tar.gz"))).isLessThan(IMAGE_BYTES_MAX);
    }

    private void assertWorks(Path home) throws Exception {
        String parley = home.resolve("parley").toString();
        Result version = MadePackages.run(directory, BARE, parley, "--version");
        assertThat(version.out()).startsWith("parley ").doesNotContain("not packaged");
        assertThat(MadePackages.run(directory, BARE, parley, "call", "--help").out())
                .contains("Usage: parley call");
        String address = listening(directory, BARE, parley, "echo", "server", "tcp://localhost:0");
        Result echoed = MadePackages.run(directory, BARE, parley, "echo", "client", address, "Hello, world");
        assertThat(echoed).isEqualTo(new Result(0, "Hello, world\n", ""));
        endServer();
    }

    @Test
    void theImageWorksWhereItIsPutAfterACopyAndThroughALink() throws Exception {
        assertWorks(image());
        Path copy = directory.resolve("copied, später");
        assertThat(MadePackages.run(directory, BARE, "cp", "-r", image().toString(), copy.toString())
                        .status())
                .isZero();
        assertWorks(copy);
        Path colon = Files.move(copy, directory.resolve("with:colon"));
        Result refused =
                MadePackages.run(directory, BARE, colon.resolve("parley").toString(), "tour");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("cannot run from a path with a colon in it");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("parley"), image().resolve("parley"));
        assertWorks(bin);
    }

    @Test
    void theImageStartsFromItsArchive() throws Exception {
        var environment = Map.of("PATH", "/usr/bin:/bin", "PARLEY_JAVA_OPTS", "-Xlog:class+load");
        for (String command : List.of("echo --help", "call --help", "tour")) {
            Result ran = MadePackages.run(
                    directory, environment, "sh", "-c", "'" + image().resolve("parley") + "' " + command);
            List<String> loaded = ran.err()
                    .lines()
                    .filter(line -> line.contains("[class,load"))
                    .toList();
            assertThat(loaded.stream().filter(line -> line.contains("shared objects file")))
                    .as(
                            "parley %s: if the lists of classes are too old, 'sh scripts/package.sh classes' makes"
                                    + " them anew",
                            command)
                    .hasSizeGreaterThan(loaded.size() * 9 / 10);
        }
    }

    @Test
    void theImageRunsProgramsOfOneFile() throws Exception {
        Path program = Files.writeString(directory.resolve("Hi.java"), PROGRAM);
        Result ran = MadePackages.run(directory, BARE, image().resolve("parley").toString(), "run", program.toString());
        assertThat(ran).isEqualTo(new Result(0, "Hi AdaHTTP_2\n", ""));
    }

    @Test
    void theImageHasTheClientOfTheBroker() throws Exception {
        String parley = image().resolve("parley").toString();
        Result refused = MadePackages.run(
                directory, BARE, parley, "app", "server", "tcp://localhost:0", "--cluster", "nats://127.0.0.1:1/shop");
        assertThat(refused.err()).contains("cannot connect to the NATS server nats://127.0.0.1:1");
        assertThat(refused.status()).isEqualTo(3);
        assertProgramHasTheClientOfTheBroker(BARE, parley);
    }

    private static void assertProgramHasTheClientOfTheBroker(Map<String, String> environment, String parley)
            throws Exception {
        Path program = Files.writeString(directory.resolve("Joins.java"), CLUSTER_PROGRAM);
        Result ran = MadePackages.run(directory, environment, parley, "run", program.toString());
        assertThat(ran.err()).contains("cannot connect to the NATS server nats://127.0.0.1:1");
    }

    @Test
    void theImageHasThePagesAndTheirExamples() throws IOException {
        for (String file : List.of(
                "README.md",
                "docs/tutorial/1-echo.md",
                "examples/src/main/java/dev/parley/examples/Echo.java",
                "lib/man/parley-echo-server.1",
                "lib/completion/parley.bash",
                "packaging/container/Dockerfile",
                "lib/parley-cyclonedx.json")) {
            assertThat(image().resolve(file)).isNotEmptyFile();
        }
        assertThat(image().resolve("examples/cluster")).doesNotExist();
        assertThat(PackagedPagesLinks.dead(image())).isEmpty();
    }

    @Test
    void theImageHasTheLicencesOfAllThatIsInIt() throws Exception {
        Path lib = image().resolve("lib");
        assertThat(LegalTexts.missing(lib, MadePackages.CHECKOUT.resolve("packaging/debian/copyright")))
                .isEmpty();
        assertThat(lib.resolve("../runtime/legal/java.base/LICENSE")).isNotEmptyFile();
        String parts = Files.readString(lib.resolve("parley-cyclonedx.json"));
        assertThat(parts).contains("\"openjdk\"", "GPL-2.0-only WITH Classpath-exception-2.0", "\"MIT\"");
        assertThat(parts).doesNotContain("jspecify");
    }

    @Test
    void theImageInstallsTheLibraryAndMakesProjects() throws Exception {
        Path home = Files.createDirectories(directory.resolve("home"));
        Path repository = home.resolve(".m2/repository");
        var environment = Map.of("PATH", "/usr/bin:/bin", "MAVEN_ARGS", "-Dmaven.repo.local=" + repository);
        Result project =
                MadePackages.run(home, environment, image().resolve("parley").toString(), "new", "hello");
        assertThat(project.err()).isEmpty();
        assertThat(project.status()).isZero();
        assertThat(home.resolve("hello/pom.xml")).isRegularFile();
        try (Stream<Path> files = Files.walk(repository.resolve("dev/parley"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.matches("parley-messages-.*\\.jar"))
                    .anyMatch(name -> name.matches("parley-testkit-.*\\.pom"))
                    .anyMatch(name -> name.matches("parley-net-.*-sources\\.jar"))
                    .noneMatch(name -> name.startsWith(".parley"));
        }
        Result refused =
                MadePackages.run(home, environment, image().resolve("parley").toString(), "package");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("only ./parley of a checkout can make packages");
    }

    /** As the recipe says it: no file can be written, and there is neither a HOME nor a network of this machine. */
    @Test
    void theContainerServesIsHealthyAndEndsWhenItIsStopped() throws Exception {
        Container container = container();
        server = container.start(List.of(), List.of());
        assertThat(firstLine()).startsWith("listening on tcp://").endsWith(":65432");
        assertThat(container.healthCheck(server, List.of())).isEqualTo(new Result(0, "serving\n", ""));
        Container.stop(server);
        assertThat(server.waitFor(9, TimeUnit.SECONDS)).isTrue();
        assertThat(server.exitValue()).isEqualTo(143);
    }

    @Test
    void theHealthCheckOfTheContainerFollowsTheServer() throws Exception {
        Container container = container();
        Path certificates = Container.certificates(image(), directory);
        server = container.start(
                List.of(),
                List.of(
                        "app",
                        "server",
                        "tls://*:8443",
                        "--tls-cert=" + certificates.resolve("server.pem"),
                        "--tls-key=" + certificates.resolve("server-key.pem")));
        assertThat(firstLine()).endsWith(":8443");
        assertThat(container.healthCheck(server, List.of()).status()).isEqualTo(1);
        String asked = "PARLEY_HEALTH=tls://localhost:8443 --tls-ca " + certificates.resolve("ca.pem");
        assertThat(container.healthCheck(server, List.of(asked))).isEqualTo(new Result(0, "serving\n", ""));
    }

    private static Container container() throws Exception {
        assumeTrue(Container.isPossible(directory), "this user may not make namespaces");
        MadePackages.allowAllToEnter(directory);
        return Container.of(image(), directory.resolve("container"));
    }

    @Test
    void theDebianPackageHasWhatDebianExpects() throws Exception {
        Path root = Files.createDirectories(directory.resolve("root"));
        String deb = made().file(".deb").toString();
        assertThat(MadePackages.run(directory, BARE, "dpkg-deb", "-x", deb, root.toString())
                        .status())
                .isZero();
        for (String file : List.of(
                "lib/systemd/system/parley.service",
                "lib/systemd/system/parley.socket",
                "usr/share/man/man1/parley-app-server.1.gz",
                "usr/share/bash-completion/completions/parley",
                "usr/share/zsh/vendor-completions/_parley",
                "usr/share/fish/vendor_completions.d/parley.fish",
                "usr/share/doc/parley/copyright",
                "usr/share/doc/parley/docs/tutorial/1-echo.md")) {
            assertThat(root.resolve(file)).isRegularFile();
        }
        assertWorks(root.resolve("usr/bin"));
        Path pages = root.resolve("usr/share/doc/parley");
        Files.createFile(Files.createDirectories(root.resolve("usr/share/common-licenses"))
                .resolve("Apache-2.0")); // another package has it
        assertThat(MadePackages.run(pages, BARE, "./parley", "--version").out()).startsWith("parley ");
        assertThat(PackagedPagesLinks.dead(pages)).isEmpty();
        assertThat(LegalTexts.unmatchedFiles(root)).isEmpty();
        assertThat(LegalTexts.missing(root.resolve("usr/lib/parley/lib"), pages.resolve("copyright")))
                .isEmpty();
        assertThat(MadePackages.run(directory, BARE, "dpkg-deb", "-f", deb, "Package", "Version", "Maintainer")
                        .out())
                .matches("(?s)Package: parley\nVersion: [0-9.]+(~[a-z0-9]+)?\nMaintainer: .* <.*@.*>\n");
    }

    @Test
    void theDebianPackageIsInstalledUpgradedRemovedAndPurged() throws Exception {
        assumeTrue(DebianRoot.isPossible(directory), "this user may not mount an overlay");
        List<String> done = DebianRoot.installAndRemove(directory, made().file(".deb"));
        String update = "deb-systemd-helper update-state parley.";
        String reload = "systemctl --system daemon-reload";
        assertThat(done)
                .containsExactly(
                        "install",
                        update + "socket",
                        update + "service",
                        reload,
                        "parley works",
                        "upgrade",
                        reload,
                        update + "socket",
                        update + "service",
                        reload,
                        "deb-systemd-invoke try-restart parley.service",
                        "remove",
                        "deb-systemd-invoke stop parley.socket parley.service",
                        reload,
                        "purge",
                        "deb-systemd-helper purge parley.socket parley.service",
                        reload,
                        "nothing is left");
    }

    @Test
    void lintianFindsNoErrorInTheDebianPackage() throws Exception {
        assumeTrue(Usable.isInstalled("lintian"), "lintian is not installed");
        Result found = MadePackages.run(
                directory,
                System.getenv(),
                "lintian",
                "--allow-root",
                made().file(".deb").toString());
        assertThat(found.out().lines().filter(line -> line.startsWith("E:"))).isEmpty();
    }

    @Test
    void systemdRatesTheServiceAsHardened() throws Exception {
        assumeTrue(Usable.isInstalled("systemd-analyze"), "systemd-analyze is not installed");
        Result rated = MadePackages.run(
                MadePackages.CHECKOUT,
                System.getenv(),
                "systemd-analyze",
                "security",
                "--offline=true",
                "--no-pager",
                "packaging/debian/parley.service");
        Matcher level =
                Pattern.compile("exposure level for parley.service: ([0-9.]+)").matcher(rated.out());
        assertThat(level.find()).as(rated.out() + rated.err()).isTrue();
        assertThat(Double.parseDouble(level.group(1))).isLessThanOrEqualTo(EXPOSURE_MAX);
    }

    @Test
    void manualPagesAreWithoutFault() throws Exception {
        assumeTrue(Usable.isInstalled("mandoc"), "mandoc is not installed");
        try (Stream<Path> pages = Files.list(image().resolve("lib/man"))) {
            for (Path page : pages.toList()) {
                Result faults =
                        MadePackages.run(directory, BARE, "mandoc", "-T", "lint", "-W", "warning", page.toString());
                assertThat(faults.out()).as(page.toString()).isEmpty();
            }
        }
    }

    @Test
    void theZipRunsOnAnyJdk() throws Exception {
        Path to = Files.createDirectories(directory.resolve("from zip"));
        assertThat(MadePackages.run(to, BARE, "unzip", "-q", made().file(".zip").toString())
                        .status())
                .isZero();
        Path home = MadePackages.only(to);
        assertThat(LegalTexts.missing(home.resolve("lib"), MadePackages.CHECKOUT.resolve("packaging/debian/copyright")))
                .isEmpty();
        var environment = Map.of("PATH", "/usr/bin:/bin", "JAVA_HOME", System.getProperty("java.home"));
        String parley = home.resolve("parley").toString();
        assertThat(MadePackages.run(directory, environment, parley, "--version").out())
                .startsWith("parley ")
                .doesNotContain("not packaged");
        String address = listening(directory, environment, parley, "app", "server", "tcp://localhost:0");
        assertThat(MadePackages.run(directory, environment, parley, "app", "client", address, "search", "ring")
                        .out())
                .contains("Misty Mountains");
        Path program = Files.writeString(directory.resolve("Hi.java"), PROGRAM);
        assertThat(MadePackages.run(directory, environment, parley, "run", program.toString()))
                .isEqualTo(new Result(0, "Hi AdaHTTP_2\n", ""));
        assertProgramHasTheClientOfTheBroker(environment, parley);
        assertThat(Files.readString(home.resolve("parley.cmd")).lines())
                .allMatch(line -> !line.contains("\r"))
                .anyMatch(line -> line.contains("dev.parley.cli.Parley"));
        assertThat(Files.readString(home.resolve("parley.cmd"))).contains("\r\n");
    }

    @Test
    void theMavenArtifactsAreWhole() throws Exception {
        Path to = Files.createDirectories(directory.resolve("artifacts"));
        String archive = made().file("-maven.zip").toString();
        assertThat(MadePackages.run(to, BARE, "unzip", "-q", archive).status()).isZero();
        new MavenArtifacts(to).assertWhole();
    }
}
