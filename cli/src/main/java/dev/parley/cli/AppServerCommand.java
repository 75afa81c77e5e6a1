package dev.parley.cli;

import dev.parley.Cluster;
import dev.parley.DrainReport;
import dev.parley.MessageLimits;
import dev.parley.RequestObserver;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.cli.files.FileFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code parley app server}: serves the tutorial's application. */
@Command(
        name = "server",
        description = {
            "Serve application messages: a 2-byte length, a JSON header, content.",
            "Actions: 'search', which knows morpheus, ring and \ud83d\udc36, and what --data adds; and 'echo', which"
                    + " sends its value back. Of a request that is not JSON it shows the first bytes."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley app server",
            "  parley app server unix:/tmp/app.sock --data searches.json",
            "",
            ExitCode.TEXT
        })
final class AppServerCommand extends LeafCommand {
    private static final long RELOAD_MILLIS = 500;
    private static final Duration AFTER_DRAIN = Duration.ofSeconds(5);
    private static final MessageLimits LIMITS = MessageLimits.DEFAULT;

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = {
                "A file with one JSON object of strings, search value to result; it adds to the three or replaces them.",
                "It is read again when it changes. If it is bad, a warning is printed, and the last good one is kept."
            })
    private @Nullable Path dataFile;

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "The number of event loops that share the connections, such as one per core. Default: ${DEFAULT-VALUE}")
    private int loops;

    @Option(
            names = "--access-log",
            description =
                    "Print a line to standard error for each request: its connection, action and status, its bytes"
                            + " in each direction, how long it waited, and how long it took.")
    private boolean accessLog;

    @Option(
            names = "--close-after-response",
            description = "Close each connection after its first response, as the tutorial's server does.")
    private boolean closeAfterResponse;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "On SIGTERM or Ctrl-C, the time that running requests may take; new requests are refused as"
                    + " going-away, so that their clients go elsewhere. Notifying clients that are cut off may take a few"
                    + " seconds more. A second signal ends the server at once. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration drainTimeout;

    @Option(
            names = "--drain-delay",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "0s",
            description = "On SIGTERM or Ctrl-C, the time for which the server still takes everything, but says that it"
                    + " drains if a load balancer asks for its health. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration drainDelay;

    @Option(
            names = "--http-health",
            description =
                    "Answer 'GET /health' of HTTP too: status 200, or 503 while the server drains or is isolated.")
    private boolean httpHealth;

    @Option(
            names = "--cluster",
            paramLabel = "ADDRESS|@FILE",
            description = "Join a cluster of servers that answer for each other, over a NATS server, such as"
                    + " nats://localhost:4222/name, or nats://one:4222,other:4222/name. An action that this server does"
                    + " not have is answered by one that has. In a cluster, this server has the actions search and echo alone. @FILE stands for the first"
                    + " line of a file: other users of this machine do not see a password in it.")
    private @Nullable String clusterAddress;

    @Option(
            names = "--health-needs-cluster",
            description = "With --cluster: while the NATS server is away, say 'isolated' to those that ask for the"
                    + " health, so that a load balancer sends new connections elsewhere.")
    private boolean healthNeedsCluster;

    @Override
    public Integer call() throws Exception {
        if (loops < 1 || loops > Server.LOOPS_MAX) {
            throw usage("--loops is " + loops + "; it must be from 1 to " + Server.LOOPS_MAX);
        }
        if (healthNeedsCluster && clusterAddress == null) {
            throw usage("--health-needs-cluster is about --cluster");
        }
        if (options.showsLimits()) {
            options.notifyLimits(io(), LimitsText.lines(LIMITS));
            return ExitCode.OK;
        }
        CliObserver observer = observer();
        SearchData data = dataFile == null ? SearchData.ofTutorial() : read(dataFile);
        ServerBuilder settings = Server.builder()
                .limits(LIMITS)
                .loop(options.loop(observer))
                .loops(loops)
                .observer(observer)
                .closeAfterResponse(closeAfterResponse)
                .httpHealth(httpHealth)
                .healthNeedsCluster(healthNeedsCluster);
        var app = new SearchApp(data);
        if (clusterAddress == null) {
            settings.otherwiseOnLoop(app);
        } else {
            settings.onLoop("search", app).onLoop("echo", app);
        }
        if (accessLog) {
            settings.requestObserver(RequestObserver.lines(line -> io().errLine("parley: " + line)));
        }
        try (var reloading = reloading(data, observer);
                Cluster cluster = joined(settings);
                Server server = options.listen(address -> settings.listen(reachable(address)));
                var _ = Shutdown.closes(() -> drain(server, cluster), closingMax(), io())) {
            options.notifyListening(io(), server.address(), server.addresses());
            server.join();
            reloading.shutdownNow();
        }
        return ExitCode.OK;
    }

    /** Connects to the cluster, if there is one, and lets the server join it. */
    private @Nullable Cluster joined(ServerBuilder settings) throws IOException {
        if (clusterAddress == null) {
            return null;
        }
        try {
            Cluster cluster = Cluster.connect(addressOf(clusterAddress), ClusterModules.providers());
            settings.cluster(cluster);
            return cluster;
        } catch (IllegalArgumentException e) {
            throw usage("--cluster: " + e.getMessage());
        }
    }

    /** Returns the address that is given, or that is in a file. No message repeats it, since it may have a password. */
    private String addressOf(String given) {
        if (!given.startsWith("@")) {
            return given;
        }
        if (given.equals("@")) {
            throw usage("--cluster: '@' needs the name of a file: @FILE");
        }
        Path file = Path.of(given.substring(1));
        try (var lines = Files.newBufferedReader(file)) {
            return Objects.requireNonNullElse(lines.readLine(), "").strip();
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "there is no such file" : FileFailedException.reason(e);
            throw usage("--cluster: cannot read " + file + ": " + why);
        }
    }

    /** Returns the longest time that {@link #drain} takes, including the time of the clients that are cut off. */
    private Duration closingMax() {
        return Objects.requireNonNull(drainDelay)
                .plus(Objects.requireNonNull(drainTimeout))
                .plus(AFTER_DRAIN);
    }

    /** Also leaves the cluster, which sends the last responses to other nodes, before the process may end. */
    private void drain(Server server, @Nullable Cluster cluster) throws InterruptedException {
        DrainReport report = server.drain(Objects.requireNonNull(drainDelay), Objects.requireNonNull(drainTimeout));
        if (cluster != null) {
            cluster.close();
        }
        if (report.connections() > 0) {
            Shutdown.errLine("parley: drained: " + report, io());
        }
    }

    /** Reads the data file when the command starts. If the file is bad, throws a usage error. */
    private SearchData read(Path file) {
        try {
            return SearchData.of(file);
        } catch (IOException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private static ScheduledExecutorService reloading(SearchData data, CliObserver observer) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("parley-data").factory());
        var _ = executor.scheduleWithFixedDelay(
                () -> data.reload(observer::warned), RELOAD_MILLIS, RELOAD_MILLIS, TimeUnit.MILLISECONDS);
        return executor;
    }
}
