package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests programs of one source file. They report through a system property, since they run in this JVM. */
@Timeout(300)
class RunCommandTest {
    private static final String TOLD = "parley.test.told";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String source, String... args) throws IOException {
        Path file = Files.writeString(directory.resolve("Program.java"), source);
        return runFile(file.toString(), args);
    }

    private int runFile(String file, String... args) {
        System.clearProperty(TOLD);
        var line = new String[args.length + 2];
        line[0] = "run";
        line[1] = file;
        System.arraycopy(args, 0, line, 2, args.length);
        return Parley.run(new Io(InputStream.nullInputStream(), new ByteArrayOutputStream(), err, false), line);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static String tell(String expression) {
        return "System.setProperty(\"" + TOLD + "\", " + expression + ");";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "void main() { TELL }",
                "void main(String[] args) { TELL }",
                "static void main() { TELL }",
                "class Other { public static void main(String[] args) { TELL } }",
                "class First extends Base {} class Base { void main() { TELL } }",
                "package some.where; public class Program { protected static void main(String... args) { TELL } }",
                "class A { void main() { throw new Error(); } static void main(String[] args) { TELL } }"
            })
    void everyMainOfTheLanguageStarts(String source) throws Exception {
        assertThat(run(source.replace("TELL", tell("\"started\"")))).isZero();
        assertThat(System.getProperty(TOLD)).isEqualTo("started");
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"dev.parley.net.Address.parse(\"x\"), 2", "throw new IllegalStateException(), 1"})
    void theThreadsOfAProgramThatThrowsGoOn(String throwing, int status) throws Exception {
        assertThat(run("""
                void main() throws Exception {
                    var ended = new java.util.concurrent.CountDownLatch(1);
                    new Thread(() -> {
                        try {
                            ended.await();
                            Thread.currentThread().join(java.time.Duration.ofMillis(100));
                        } catch (InterruptedException e) {
                            return;
                        }
                        TELL
                    }).start();
                    try {
                        THROWS;
                    } finally {
                        ended.countDown();
                    }
                }
                """.replace("TELL", tell("\"went on\"")).replace("THROWS", throwing)))
                .isEqualTo(status);
        assertThat(System.getProperty(TOLD)).isEqualTo("went on");
    }

    @Test
    void theArgumentsAreTheProgramsOwnOptionsIncluded() throws Exception {
        String source = "void main(String[] args) { " + tell("String.join(\" \", args)") + " }";
        assertThat(run(source, "-v", "--help", "--", "x")).isZero();
        assertThat(System.getProperty(TOLD)).isEqualTo("-v --help -- x");
    }

    @Test
    void recordsAndParleyAreThereWithoutABuild() throws Exception {
        assertThat(run("""
                import dev.parley.*;

                record Greet(String name) {}

                record Greeting(String text) {}

                static final Action<Greet, Greeting> GREET = Action.of("greet", Greet.class, Greeting.class);

                void main() throws Exception {
                    try (var server = Server.builder()
                                    .on(GREET, greet -> new Greeting("Hello, " + greet.name()))
                                    .listen("tcp://localhost:0");
                            var client = Client.connect(server.address())) {
                        TELL
                    }
                }
                """.replace("TELL", tell("client.call(GREET, new Greet(\"Ada\")).text()"))))
                .isZero();
        assertThat(System.getProperty(TOLD)).isEqualTo("Hello, Ada");
    }

    @Test
    void verboseShowsTheProgramsRequestsWithTheirAnswers() throws Exception {
        String program = """
                import dev.parley.*;

                void main() throws Exception {
                    try (var server = Server.builder().on("echo", request -> request).listen("tcp://127.0.0.1:0");
                            var client = Client.connect(server.address())) {
                        client.call("echo", Message.text("abc"));
                        try {
                            client.call("ecko", Message.text("abc"));
                        } catch (RefusedException e) {
                            TELL
                        }
                    }
                }
                """.replace("TELL", tell("\"refused\""));
        Path file = Files.writeString(directory.resolve("Verbose.java"), program);
        int status = Parley.run(
                new Io(InputStream.nullInputStream(), new ByteArrayOutputStream(), err, false),
                "run",
                "-v",
                file.toString());
        assertThat(status).isZero();
        assertThat(err().lines())
                .allMatch(line -> line.startsWith("parley: "))
                .anyMatch(line -> line.contains(": accepted from tcp://127.0.0.1:"))
                .anyMatch(line -> line.matches("parley: connection \\d+: echo from tcp://127.0.0.1:\\d+, 3 bytes of"
                        + " text/plain: ok, 3 bytes of text/plain, .* ms"))
                .anyMatch(line -> line.contains(": echo to tcp://127.0.0.1:"))
                .anyMatch(
                        line -> line.contains(": ecko from ") && line.contains("(there is no handler for this action"));
        err.reset();
        assertThat(run(program)).isZero();
        assertThat(err()).as("without -v").isEmpty();
    }

    @Test
    void aClassBesideTheFileIsFound() throws Exception {
        Files.writeString(directory.resolve("Beside.java"), "class Beside { static String text = \"found\"; }");
        assertThat(run("void main() { " + tell("Beside.text") + " }")).isZero();
        assertThat(System.getProperty(TOLD)).isEqualTo("found");
    }

    @Test
    void theCompilerSpeaksForItself() throws Exception {
        assertThat(run("void main() {\n    int count = \"three\";\n}\n")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .isEqualTo("""
                        FILE:2: error: incompatible types: String cannot be converted to int
                            int count = "three";
                                        ^
                        1 error
                        parley: FILE does not compile; see above
                        """.replace("FILE", directory.resolve("Program.java").toString()));
        assertThat(directory).isDirectoryNotContaining("glob:**.class");
    }

    @Test
    void aForgottenImportIsNamed() throws Exception {
        assertThat(run("void main() { Server.builder(); }")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("does not compile; see above; to use Parley, the file needs 'import dev.parley.*;'");
        err.reset();
        assertThat(run("import dev.parley.*; void main() { Sever.builder(); }")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).doesNotContain("the file needs");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "record Only(int count) {}", "class Hidden { private static void main(String[] args) {} }"})
    void aFileWithoutAMainSaysHowToWriteOne(String source) throws Exception {
        assertThat(run(source)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).contains("has no main to start with; write 'void main() { ... }'");
    }

    @Test
    void aMainOfAnObjectThatCannotBeMadeSaysSo() throws Exception {
        assertThat(run("class Needs { Needs(int what) {} void main() {} }")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).contains("Needs cannot be made without arguments; write 'static void main'");
    }

    @Test
    void whatIsNoSourceFileSaysSo() throws Exception {
        assertThat(runFile("absent.java")).isEqualTo(ExitCode.USAGE);
        assertThat(runFile("program.py")).isEqualTo(ExitCode.USAGE);
        Path folder = Files.createDirectory(directory.resolve("folder.java"));
        assertThat(runFile(folder.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err().lines())
                .containsExactly(
                        "parley: there is no file 'absent.java'",
                        "parley: 'program.py' is not a Java source file; its name does not end in .java",
                        "parley: cannot read '" + folder + "': it is a directory");
    }

    @Test
    void whatTheProgramThrowsLooksAsTheJvmShowsIt() throws Exception {
        assertThat(run("void main() {\n    throw new IllegalStateException(\"oh\");\n}\n"))
                .isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).isEqualTo("""
                        Exception in thread "main" java.lang.IllegalStateException: oh
                        \tat Program.main(Program.java:2)
                        """);
    }

    @Test
    void whatParleyThrowsIsOneLineAndItsStatus() throws Exception {
        assertThat(run("void main() throws Exception { dev.parley.net.Connection.connect(\"tcp://localhost:1\"); }"))
                .isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
        assertThat(err()).hasLineCount(1).startsWith("parley: cannot connect to tcp://localhost:1: connection refused");
    }

    @Test
    void anInvalidAddressIsOneLineToo() throws Exception {
        assertThat(run("void main() throws Exception { dev.parley.Client.connect(\"nonsense\"); }"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).contains("'nonsense' is not an address");
    }

    @Test
    void theProgramEndsWithItsLastThread() throws Exception {
        assertThat(run("void main() { new Thread(() -> { " + tell("\"last\"") + " }).start(); }"))
                .isZero();
        assertThat(System.getProperty(TOLD)).isEqualTo("last");
    }

    /** Makes a package, in which a jar for brokers has the scheme "test". */
    private Path packageWithABroker() throws IOException {
        String provider = """
                package made;
                public class Provider implements dev.parley.cluster.ClusterBusProvider {
                    public String scheme() { return "test"; }
                    public dev.parley.cluster.ClusterBus connect(
                            java.net.URI address, dev.parley.net.LoopObserver observer) throws java.io.IOException {
                        throw new java.io.IOException("the jar was found");
                    }
                }
                """;
        Path source = Files.writeString(directory.resolve("Provider.java"), provider);
        String path = System.getProperty("java.class.path");
        String out = directory.toString();
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-cp", path, "-d", out, source.toString()))
                .isZero();
        Path jars = Files.createDirectories(directory.resolve("package of mine/lib/cluster"));
        try (var jar = new ZipOutputStream(Files.newOutputStream(jars.resolve("broker.jar")))) {
            jar.putNextEntry(new ZipEntry("META-INF/services/dev.parley.cluster.ClusterBusProvider"));
            jar.write("made.Provider".getBytes(StandardCharsets.US_ASCII));
            jar.putNextEntry(new ZipEntry("made/Provider.class"));
            jar.write(Files.readAllBytes(directory.resolve("made/Provider.class")));
        }
        return directory.resolve("package of mine");
    }

    @Test
    void aProgramFindsTheJarsForBrokersOfAPackage() throws Exception {
        String before = System.getProperty("parley.home");
        System.setProperty("parley.home", packageWithABroker().toString());
        try {
            String program = """
                    void main() {
                        try {
                            dev.parley.Cluster.connect("test://here");
                        } catch (java.io.IOException e) {
                            TELL
                        }
                    }
                    """;
            assertThat(run(program.replace("TELL", tell("e.getMessage()")))).isZero();
            assertThat(System.getProperty(TOLD)).isEqualTo("the jar was found");
            assertThat(run("void main() throws Exception { Class.forName(\"made.Nothing\"); }"))
                    .isEqualTo(ExitCode.ERROR_RESPONSE);
            assertThat(err()).contains("ClassNotFoundException: made.Nothing");
        } finally {
            if (before == null) {
                System.clearProperty("parley.home");
            } else {
                System.setProperty("parley.home", before);
            }
        }
    }
}
