package dev.parley.cli;

import dev.parley.cli.terminal.ProgressLine;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.host.DescriptorLimit;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code parley multi client}: an echo client with many connections at once, on one event loop. */
@Command(
        name = "client",
        description = {
            "Open N connections, send the messages on all of them at once, and wait for every byte to come back.",
            "Each connection is closed when all its bytes are back. If one fails, the others continue."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley multi client --connections 1000",
            "  parley multi client tcp://localhost:65432 --connections 2 --message one --message two",
            "",
            ExitCode.TEXT
        })
final class MultiClientCommand extends LeafCommand {
    private static final int CONNECTIONS_MAX = 60_000;
    private static final List<String> TUTORIAL_TEXTS = List.of("Message 1 from client.", "Message 2 from client.");

    /** The bytes that each connection sends by default. The tour uses them too. */
    static final byte[] TUTORIAL_MESSAGES = String.join("", TUTORIAL_TEXTS).getBytes(StandardCharsets.UTF_8);

    @Mixin
    private final ServerAddress address = new ServerAddress();

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Option(
            names = {"-n", "--connections"},
            paramLabel = "N",
            defaultValue = "2",
            description = "How many connections, 1 to 60000. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "What each connection sends; may be given again. Default: the tutorial's two messages.")
    private List<String> messages = TUTORIAL_TEXTS;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "30s",
            description = "Give up a connection after this time without a byte; 0 for never. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Report as a line of JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        check();
        Duration patience = Objects.requireNonNull(timeout);
        Address to = reachable(connect.address(address.text()));
        Limits limits = limitsWithin(patience).withIdleTimeout(patience);
        try (EventLoop loop = connect.loop(to)
                .daemon(true)
                .limits(limits)
                .observer(observer())
                .start()) {
            MultiRun run = MultiRun.start(loop, to, connections, payload());
            showProgress(run);
            MultiRun.Report report = run.await();
            io().outLine(json ? json(report) : text(report));
            report.failures().forEach((why, count) -> io().errLine("parley: " + count + " failed: " + why));
            return report.exitCode();
        }
    }

    private void showProgress(MultiRun run) throws InterruptedException {
        if (json || !io().errTerminal().redraws()) {
            return;
        }
        var line = new ProgressLine(Ticker.SYSTEM, io().errTerminal());
        try (var _ = Shutdown.erasesProgress(io())) {
            while (!run.isDoneWithin(line.untilNext())) {
                io().progress(line.draw(elapsed -> text(run.progress(), payload().length, elapsed)));
            }
        } finally {
            io().eraseProgress();
        }
    }

    /**
     * Returns the parts of the progress line. The most important part is the first, since a narrow terminal has no room
     * for the last parts.
     */
    static List<String> text(MultiRun.Progress progress, int payloadBytes, Duration elapsed) {
        long wanted = (long) progress.connections() * payloadBytes;
        long perSecond = progress.receivedBytes() * 1000 / Math.max(1, elapsed.toMillis());
        return List.of(
                progress.ended() + " of " + progress.connections() + " ended",
                progress.open() + " open",
                elapsed.toSeconds() + " s",
                progress.receivedBytes() + " of " + wanted + " bytes back",
                perSecond + " bytes/s");
    }

    private void check() {
        if (connections < 1 || connections > CONNECTIONS_MAX) {
            throw usage("--connections is " + connections + "; it must be from 1 to " + CONNECTIONS_MAX
                    + ", since a client has fewer than 65536 ports to one address");
        }
        if (payload().length == 0) {
            throw usage("the messages are empty; nothing would come back");
        }
        DescriptorLimit.warningFor(connections).ifPresent(warning -> {
            throw usage(warning);
        });
    }

    private byte[] payload() {
        var all = new ByteArrayOutputStream();
        messages.forEach(message -> all.writeBytes(message.getBytes(StandardCharsets.UTF_8)));
        return all.toByteArray();
    }

    private static String text(MultiRun.Report report) {
        String connections = report.connections() == 1 ? "1 connection: " : report.connections() + " connections: ";
        return connections + report.complete() + " complete, " + report.failed()
                + " failed; " + report.sentBytes() + " bytes sent, " + report.receivedBytes() + " back; "
                + Durations.text(report.elapsed());
    }

    private static String json(MultiRun.Report report) {
        return String.format(
                Locale.ROOT,
                "{\"connections\": %d, \"complete\": %d, \"failed\": %d, \"sent_bytes\": %d, "
                        + "\"received_bytes\": %d, \"elapsed_ms\": %d, \"failures\": %s}",
                report.connections(),
                report.complete(),
                report.failed(),
                report.sentBytes(),
                report.receivedBytes(),
                report.elapsed().toMillis(),
                Json.counts(report.failures()));
    }
}
