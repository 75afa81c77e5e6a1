package dev.parley.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.StringWriter;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests an application that is a module of its own, with records that it does not export: compiled and run as one. */
@Timeout(300)
class ModulePathTest {
    /** The modules that Maven adds with the one dependency that the README names. */
    private static final List<String> MODULES = List.of(
            "dev.parley",
            "dev.parley.net",
            "tools.jackson.core",
            "tools.jackson.databind",
            "com.fasterxml.jackson.annotation");

    private static final String PROGRAM = """
            package app;
            import dev.parley.*;
            import java.util.*;
            public class Main {
                record Greet(String name) {}
                record Greeting(String text) {}
                record Batch(List<Greet> all, Optional<Greeting[]> answers) {}
                static final Action<Greet, Greeting> GREET = Action.of("greet", Greet.class, Greeting.class);
                static final Action<Batch, Batch> SAME = Action.of("same", Batch.class, Batch.class);
                public static void main(String[] args) throws Exception {
                    try (var server = Server.builder()
                                    .on(GREET, greet -> new Greeting("Hello, " + greet.name() + "!"))
                                    .on(SAME, batch -> batch)
                                    .listen("tcp://127.0.0.1:0");
                            var client = Client.connect(server.address())) {
                        System.out.println(client.call(GREET, new Greet("Ada")).text());
                        var batch = new Batch(List.of(new Greet("Eve")), Optional.empty());
                        System.out.println(client.call(SAME, batch).equals(batch));
                    }
                }
            }
            """;

    @TempDir
    private Path directory;

    private record Result(int status, String out, String err) {}

    /** Returns the places of these modules on the path that the test was started with. */
    private static String modulePath() {
        Path[] places = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .toArray(Path[]::new);
        var found = new ArrayList<String>();
        for (Path place : places) {
            ModuleFinder.of(place).findAll().stream()
                    .filter(module -> MODULES.contains(module.descriptor().name()))
                    .forEach(module -> found.add(place.toString()));
        }
        assumeTrue(found.size() == MODULES.size(), "the modules are not on the path as modules: " + found);
        return String.join(File.pathSeparator, found);
    }

    private Result compileAndRun(String moduleInfo) throws Exception {
        Path source = Files.createDirectories(directory.resolve("app"));
        Files.writeString(directory.resolve("module-info.java"), moduleInfo);
        Files.writeString(source.resolve("Main.java"), PROGRAM);
        String path = modulePath();
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            var sources = files.getJavaFileObjects(directory.resolve("module-info.java"), source.resolve("Main.java"));
            List<String> options = List.of(
                    "-Xlint:all",
                    "-Werror",
                    "-p",
                    path,
                    "-d",
                    directory.resolve("out").toString());
            assertThat(compiler.getTask(said, files, null, options, null, sources)
                            .call())
                    .as("javac says: %s", said)
                    .isTrue();
        }
        return run(path + File.pathSeparator + directory.resolve("out"));
    }

    private Result run(String path) throws Exception {
        Path out = directory.resolve(".out");
        Path err = directory.resolve(".err");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(java.toString(), "-p", path, "-m", "my.app/app.Main")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(240, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("it did not end: " + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "module my.app { requires dev.parley; opens app to dev.parley; }",
                "module my.app { requires dev.parley; opens app to tools.jackson.databind; }",
                "module my.app { requires dev.parley; opens app; }",
                "open module my.app { requires dev.parley; }"
            })
    void aModuleNeedsOneDependencyAndItsPackageOpen(String moduleInfo) throws Exception {
        Result result = compileAndRun(moduleInfo);
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out().lines().collect(Collectors.toList())).containsExactly("Hello, Ada!", "true");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void aPackageThatIsNotOpenIsNamedWithTheLineThatOpensIt() throws Exception {
        Result result = compileAndRun("module my.app { requires dev.parley; }");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err().lines().findFirst().orElseThrow())
                .endsWith("a value of the type Greet cannot be read or written:"
                        + " module-info.java of my.app must say 'opens app to dev.parley;'");
    }
}
