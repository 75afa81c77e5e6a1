package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.packages.MadePackages.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The container of the Dockerfile, without a container runtime: the image runs in namespaces of its own for processes,
 * mounts and the network, on a root that nothing can be written to, as the user and with the environment that the
 * Dockerfile names.
 */
final class Container {
    private static final Map<String, String> OUTSIDE = Map.of("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    private static final String READ_ONLY = "ip link set lo up && mount -o remount,bind,ro / && exec \"$@\"";
    private static final List<String> NAMESPACES = List.of(
            "unshare",
            "--mount",
            "--pid",
            "--net",
            "--fork",
            "--mount-proc",
            "--kill-child",
            "sh",
            "-c",
            READ_ONLY,
            "sh");

    private final Path bin;
    private final List<String> recipe;

    private Container(Path bin, List<String> recipe) {
        this.bin = bin;
        this.recipe = recipe;
    }

    /** The container of an unpacked image; the directory gets what the Dockerfile puts into /usr/local/bin. */
    static Container of(Path image, Path directory) throws IOException {
        Path bin = Files.createDirectories(directory);
        Path link = bin.resolve("parley");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, image.resolve("parley"));
        }
        Path file = MadePackages.CHECKOUT.resolve("packaging/container/Dockerfile");
        return new Container(bin, Files.readAllLines(file));
    }

    static boolean isPossible(Path directory) throws IOException, InterruptedException {
        var command = new ArrayList<>(NAMESPACES);
        command.add("true");
        return MadePackages.run(directory, OUTSIDE, command.toArray(String[]::new))
                        .status()
                == 0;
    }

    /** Makes certificates for development; they belong to the user that the container runs as. */
    static Path certificates(Path image, Path directory) throws IOException, InterruptedException {
        Path home = Files.createDirectories(directory.resolve("home of the container"));
        var environment = Map.of("PATH", "/usr/bin:/bin", "HOME", home.toString());
        Result made =
                MadePackages.run(home, environment, image.resolve("parley").toString(), "cert");
        assertThat(made.status()).as(made.err()).isZero();
        Path certificates = directory.resolve("container-certificates");
        Files.move(home.resolve(".local/share/parley/tls"), certificates);
        Files.setPosixFilePermissions(certificates, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String file : List.of("ca.pem", "server.pem", "server-key.pem")) {
            Files.setAttribute(certificates.resolve(file), "unix:uid", 65_534);
        }
        return certificates;
    }

    /** Starts it with variables of the environment beside the recipe's, and with other arguments if there are any. */
    Process start(List<String> environment, List<String> arguments) {
        var command = new ArrayList<>(NAMESPACES);
        command.addAll(asUser(environment));
        command.addAll(words("ENTRYPOINT"));
        command.addAll(arguments.isEmpty() ? words("CMD") : arguments);
        return MadePackages.start(bin, OUTSIDE, command.toArray(String[]::new));
    }

    /** Runs the recipe's health check inside. */
    Result healthCheck(Process running, List<String> environment) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("nsenter", "--mount", "--pid", "--net", "--target"));
        command.add(String.valueOf(processOne(running).pid()));
        command.addAll(asUser(environment));
        command.addAll(List.of("sh", "-c", line("HEALTHCHECK").replaceFirst(".* CMD ", "")));
        return MadePackages.run(bin, OUTSIDE, command.toArray(String[]::new));
    }

    /** Does what {@code docker stop} does first. */
    static void stop(Process running) {
        processOne(running).destroy();
    }

    private static ProcessHandle processOne(Process running) {
        return running.children().findFirst().orElseThrow();
    }

    private List<String> asUser(List<String> environment) {
        String[] user = line("USER").split(":", 2);
        var command = new ArrayList<>(List.of("setpriv", "--reuid", user[0], "--regid", user[1], "--clear-groups"));
        command.addAll(List.of("--no-new-privs", "env", "-i", "PATH=" + bin + ":/usr/bin:/bin", line("ENV")));
        command.addAll(environment);
        return command;
    }

    /** Returns what follows an instruction that the recipe has once. */
    private String line(String instruction) {
        List<String> lines = recipe.stream()
                .filter(line -> line.startsWith(instruction + " "))
                .map(line -> line.substring(instruction.length() + 1))
                .toList();
        if (lines.size() != 1) {
            throw new IllegalStateException(instruction + ": " + lines);
        }
        return lines.getFirst();
    }

    private List<String> words(String instruction) {
        return Pattern.compile("\"([^\"]*)\"")
                .matcher(line(instruction))
                .results()
                .map(word -> word.group(1))
                .collect(Collectors.toList());
    }
}
