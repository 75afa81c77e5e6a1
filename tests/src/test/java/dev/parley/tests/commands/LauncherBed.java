package dev.parley.tests.commands;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A checkout with the launcher alone, and with a JVM and a Maven that only tell how they were called. */
abstract class LauncherBed {
    private static final Path CHECKOUT = Path.of("..");

    @TempDir
    Path directory;

    Path checkout;

    @BeforeEach
    void copyTheLauncher() throws IOException {
        layOut("checkout");
    }

    final void layOut(String name) throws IOException {
        checkout = directory.resolve(name);
        Files.createDirectories(checkout.resolve("scripts"));
        Files.copy(CHECKOUT.resolve("parley"), checkout.resolve("parley"));
        for (String part : List.of("jdk25.sh", "start.sh")) {
            Files.copy(
                    CHECKOUT.resolve("scripts").resolve(part),
                    checkout.resolve("scripts").resolve(part));
        }
        Files.createFile(checkout.resolve("pom.xml"));
        for (String module : List.of("net", "uring", "messages", "nats", "cli")) {
            Files.createDirectories(checkout.resolve(module).resolve("src/main"));
            Files.createFile(checkout.resolve(module).resolve("pom.xml"));
        }
        Path jdk = Files.createDirectories(directory.resolve("jdk"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
        script("jdk/bin/javac", "exit 0");
        script("jdk/bin/java", "echo \"java $*\"");
        script(
                "bin/mvn",
                "echo built >>\"" + directory + "/builds\"; mkdir -p cli/target/lib && : >cli/target/lib/a.jar");
    }

    void script(String name, String body) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    record Result(int status, String out, String err) {}

    Process start(Map<String, String> environment, String... command) throws IOException {
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.redirectOutput(directory.resolve("out").toFile());
        builder.redirectError(directory.resolve("err").toFile());
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        builder.environment().merge("PATH", directory.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        builder.environment().putAll(environment);
        return builder.start();
    }

    Result run(Map<String, String> environment, String... command) throws Exception {
        Process process = start(environment, command);
        process.getOutputStream().close();
        if (!process.waitFor(240, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the launcher did not end");
        }
        return new Result(process.exitValue(), told("out"), told("err"));
    }

    String told(String stream) throws IOException {
        return Files.readString(directory.resolve(stream), StandardCharsets.UTF_8);
    }

    Result parley(String... args) throws Exception {
        var command = new ArrayList<>(List.of(checkout.resolve("parley").toString()));
        command.addAll(List.of(args));
        return run(Map.of(), command.toArray(String[]::new));
    }
}
