package dev.parley.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests what {@code ./check} compares with the public API of an earlier commit, and what it prints if it cannot. */
@Timeout(60)
class PublicApiTest {
    private static final List<String> MODULES = List.of("net", "uring", "messages", "nats", "testkit");

    /** Packages that a module exports because the layers above use them. */
    private static final Set<String> NOT_FOR_USERS = Set.of("dev.parley.net.host", "dev.parley.net.text");

    @Test
    void everyPackageForUsersIsCompared() throws IOException {
        var hidden = new TreeSet<String>();
        for (String module : MODULES) {
            Path sources = SourceFiles.ROOT.resolve(module).resolve("src/main/java");
            hidden.addAll(packages(sources));
            hidden.removeAll(exported(sources.resolve("module-info.java")));
        }
        hidden.addAll(NOT_FOR_USERS);
        String pom = Files.readString(SourceFiles.ROOT.resolve("pom.xml"));
        assertThat(found(pom, "<exclude>(dev\\.parley[.\\w]*)</exclude>")).isEqualTo(hidden);
    }

    @Test
    void everyModuleForUsersIsCompared() throws IOException {
        for (String module : MODULES) {
            String pom = Files.readString(SourceFiles.ROOT.resolve(module).resolve("pom.xml"));
            assertThat(pom.split("<profiles>", 2)[0]).as(module).contains("<api.skip>false</api.skip>");
        }
    }

    @Test
    void aCopyWithoutHistorySaysThatNothingIsCompared(@TempDir Path directory) throws Exception {
        for (String part : List.of("scripts/api.sh", "packaging/api-baseline")) {
            Files.createDirectories(directory.resolve(part).getParent());
            Files.copy(SourceFiles.ROOT.resolve(part), directory.resolve(part));
        }
        Process process = new ProcessBuilder(
                        "bash", "-uc", ". scripts/api.sh; api_baseline_find; echo \"[$api_baseline]\"")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(printed)
                .matches("check: the public API is not compared: the history here does not have the commit "
                        + "[0-9a-f]{40}\\.\n\\[]\n");
    }

    @Test
    void aBaselineThatDoesNotBuildIsAnError(@TempDir Path directory) throws Exception {
        Files.createDirectories(directory.resolve("scripts"));
        Files.copy(SourceFiles.ROOT.resolve("scripts/api.sh"), directory.resolve("scripts/api.sh"));
        Process process = new ProcessBuilder(
                        "bash",
                        "-uc",
                        "git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m empty"
                                + " && mkdir packaging && git rev-parse HEAD >packaging/api-baseline"
                                + " && . scripts/api.sh && jdk25_exec_maven() { return 1; } && api_baseline_find")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(printed).contains("check: the public API cannot be compared", "does not build here");
        assertThat(process.exitValue()).isEqualTo(1);
    }

    private static Set<String> packages(Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            return new TreeSet<>(files.filter(file -> file.toString().endsWith(".java"))
                    .map(file -> sources.relativize(file).getParent())
                    .filter(place -> place != null)
                    .map(place -> place.toString().replace('/', '.'))
                    .toList());
        }
    }

    private static Set<String> exported(Path moduleInfo) throws IOException {
        return found(Files.readString(moduleInfo), "exports ([.\\w]+);");
    }

    private static Set<String> found(String text, String pattern) {
        return new TreeSet<>(Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList());
    }
}
