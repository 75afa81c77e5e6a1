package dev.parley.cli;

import dev.parley.cli.terminal.ProgressLine;
import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.Limits;
import dev.parley.net.time.Ticker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley echo client}: sends its input, ends its direction, and prints the bytes that come back. */
@Command(
        name = "client",
        description = {
            "Send the messages, or standard input, and print what comes back.",
            "At the end of the input it ends its sending direction (half-close) and reads the rest."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley echo client tcp://localhost:65432 'Hello, world'",
            "  parley echo client < some-file > the-same-file",
            "",
            "The exit status is 0 only if every byte came back unchanged.",
            ExitCode.TEXT
        })
final class EchoClientCommand extends LeafCommand {
    private static final int BUFFER_BYTES = 64 * 1024;

    @Mixin
    private final ServerAddress address = new ServerAddress();

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Parameters(
            index = "1..*",
            paramLabel = "MESSAGE",
            description = "Text to send, joined by blanks; without one, standard input is sent.")
    private @Nullable List<String> messages;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "5m",
            description =
                    "Give up after this time without a byte in either direction; 0 for never. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Override
    public Integer call() throws Exception {
        Duration patience = Objects.requireNonNull(timeout);
        Limits limits = limitsWithin(patience).withIdleTimeout(patience);
        Address to = reachable(connect.address(address.text()));
        try (var loop = connect.loop(to)
                        .daemon(true)
                        .limits(limits)
                        .observer(observer())
                        .start();
                var connection = Connection.connect(loop, to)) {
            var sender = new EchoSender(source(), connection);
            sender.start();
            var back = new Tally();
            try {
                receive(to, connection, back);
            } catch (ConnectionClosedException e) {
                sender.throwInputFailure();
                throw new PeerFailedException(ExitCode.of(e.reason()), soFar(sender, back) + e.getMessage());
            }
            sender.throwInputFailure();
            judge(to, sender, back);
            return ExitCode.OK;
        }
    }

    private InputStream source() {
        return messages == null ? io().in() : new ByteArrayInputStream(text());
    }

    private byte[] text() {
        return String.join(" ", Objects.requireNonNull(messages)).getBytes(StandardCharsets.UTF_8);
    }

    private void receive(Address to, Connection connection, Tally back) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        InputStream in = connection.in();
        var line = new ProgressLine(Ticker.SYSTEM, io().errTerminal());
        boolean draws = !io().isTerminal() && io().errTerminal().redraws();
        try (var _ = draws ? Shutdown.erasesProgress(io()) : null) {
            int count = in.read(buffer);
            if (count > 0 && TlsAlert.isOne(to, ByteBuffer.wrap(buffer, 0, count))) {
                count = readBehindAlert(in, buffer, count);
            }
            for (; count >= 0; count = in.read(buffer)) {
                back.add(buffer, count);
                io().outForeign(buffer, 0, count);
                if (draws) {
                    io().progress(line.draw(elapsed -> progress(back.bytes(), elapsed)));
                }
            }
        } finally {
            io().eraseProgress();
        }
        if (messages != null || io().isTerminal()) {
            io().endForeign();
        }
    }

    /**
     * Reads on behind bytes that look like an alert of TLS. An echo server may send such bytes back too; they are an
     * alert if nothing follows.
     *
     * @return how many bytes the buffer holds now
     */
    private static int readBehindAlert(InputStream in, byte[] buffer, int count) throws IOException {
        int more;
        try {
            more = in.read(buffer, count, buffer.length - count);
        } catch (ConnectionClosedException reset) {
            more = -1; // the server closes before it has read all that was sent
        }
        if (more < 0) {
            throw failed(TlsAlert.WHAT_TO_DO);
        }
        return count + more;
    }

    private static List<String> progress(long bytes, Duration elapsed) {
        long perSecond = bytes * 1000 / Math.max(1, elapsed.toMillis());
        return List.of(bytes + " bytes back", elapsed.toSeconds() + " s", perSecond + " bytes/s");
    }

    /**
     * Checks the result. Called when the peer has ended its direction. If the input has not ended yet, the peer has
     * ended too early, even if all bytes that were sent came back.
     */
    private void judge(Address to, EchoSender sender, Tally back) throws PeerFailedException {
        Tally sent = sender.sent();
        boolean ended = sender.hasEndedInput();
        // The whole text is known from the start, while the sender may count its last bytes only after the peer has
        // ended.
        long wanted = messages == null ? sent.bytes() : text().length;
        if ((ended || messages != null) && wanted != back.bytes()) {
            throw failed(soFar(sender, back) + to + " closed: is it an echo server?");
        }
        if (!ended && messages == null) {
            throw failed(
                    soFar(sender, back) + to + " ended the connection before the input ended: did its server stop?");
        }
        if (!sent.isSameAs(back)) {
            throw failed(to + " sent back " + back.bytes() + " bytes, but not the ones it got: is it an echo server?");
        }
    }

    private static PeerFailedException failed(String message) {
        return new PeerFailedException(ExitCode.PROTOCOL, message);
    }

    private static String soFar(EchoSender sender, Tally back) {
        return back.bytes() + " of " + sender.sent().bytes() + " bytes came back; ";
    }
}
