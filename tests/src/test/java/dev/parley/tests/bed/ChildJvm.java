package dev.parley.tests.bed;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Options for the JVMs that tests start by the hundred, most of them for less than a second: without the second
 * compiler, and, where the command runs from jars, from a cache as the launcher makes one (JEP 514). Attacks in full
 * measure the server as it is in production, and so do without.
 */
public final class ChildJvm {
    private static final boolean IS_MEASURED =
            System.getProperty("parley.attacks", "").equals("full") || Boolean.getBoolean("parley.full");

    private static final String CLASS_PATH = System.getProperty("java.class.path");

    /** The libraries and the command, without the classes of the tests, which no cache may hold. */
    private static final String JARS = String.join(
            File.pathSeparator,
            Stream.of(CLASS_PATH.split(File.pathSeparator, -1))
                    .filter(entry -> entry.endsWith(".jar"))
                    .toList());

    private static final Path CACHE = Path.of("target/commands.aot").toAbsolutePath();
    private static final int TRAINING_SECONDS = 60;

    private ChildJvm() {}

    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Returns the options of a JVM that is not measured, but for its class path. */
    public static List<String> options() {
        var options = new ArrayList<>(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
        if (!IS_MEASURED) {
            options.add("-XX:TieredStopAtLevel=1");
        }
        return options;
    }

    /** Returns the whole start of our command, but for its arguments. */
    public static List<String> command() {
        var command = new ArrayList<String>();
        command.add(java());
        command.addAll(options());
        if (Cache.IS_THERE) {
            command.addAll(List.of("-XX:AOTCache=" + CACHE, "-Xlog:aot*=off", "-cp", JARS));
        } else {
            command.addAll(List.of("-cp", CLASS_PATH));
        }
        command.add("dev.parley.cli.Parley");
        return command;
    }

    /** The cache, made by the first JVM of the tests that needs it. */
    private static final class Cache {
        static final boolean IS_THERE = !IS_MEASURED && JARS.contains("parley-cli") && make();

        private static boolean make() {
            Path lock = CACHE.resolveSibling("commands.aot.lock");
            try (FileChannel only = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = only.lock()) {
                return isFresh() || train();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean isFresh() throws IOException {
            if (!Files.exists(CACHE)) {
                return false;
            }
            for (String jar : JARS.split(File.pathSeparator, -1)) {
                if (Files.getLastModifiedTime(Path.of(jar)).compareTo(Files.getLastModifiedTime(CACHE)) > 0) {
                    return false;
                }
            }
            return true;
        }

        private static boolean train() throws IOException {
            Files.deleteIfExists(CACHE);
            var command = new ArrayList<String>();
            command.add(java());
            command.addAll(options());
            command.addAll(List.of("-XX:AOTCacheOutput=" + CACHE, "-cp", JARS, "dev.parley.cli.Training", "all"));
            Process training = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                return training.waitFor(TRAINING_SECONDS, TimeUnit.SECONDS) && Files.exists(CACHE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
