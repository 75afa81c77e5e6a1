package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code parley echo client}: sends, ends its direction, prints what comes back. */
@Command(
        name = "client",
        description = {
            "Send the messages, or standard input, and print what comes back.",
            "At the end of the input the sending direction is ended (half-close); the rest is still read."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley echo client tcp://localhost:65432 'Hello, world'",
            "  parley echo client < some-file > the-same-file",
            "",
            "Exit status 0 only when every byte came back unchanged.",
            ExitCode.TEXT
        })
final class EchoClientCommand extends LeafCommand {
    private static final int BUFFER_BYTES = 64 * 1024;

    @Mixin
    private final ServerAddress address = new ServerAddress();

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
            description = "Give up after so long without a byte either way. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Override
    @SuppressWarnings("try") // closed early: a sender that still waits would wait for ever
    public Integer call() throws Exception {
        Limits limits = Limits.DEFAULT.withIdleTimeout(Objects.requireNonNull(timeout));
        Address to = reachable(address.get());
        try (var loop = EventLoop.builder()
                        .daemon(true)
                        .limits(limits)
                        .events(events())
                        .start();
                var connection = Connection.connect(loop, to)) {
            var sent = new Tally();
            CompletableFuture<Boolean> sending = sendInBackground(connection, sent);
            var back = new Tally();
            receive(connection, back);
            // The answer ended: what is still unsent will not be answered.
            connection.close();
            boolean wholeInput = sending.join();
            return judge(to, sent, back, wholeInput);
        }
    }

    private InputStream source() {
        return messages == null
                ? io().in()
                : new ByteArrayInputStream(String.join(" ", messages).getBytes(StandardCharsets.UTF_8));
    }

    /** Sending and receiving go on together: a large input must not wait for its own echo. */
    private CompletableFuture<Boolean> sendInBackground(Connection connection, Tally sent) {
        var done = new CompletableFuture<Boolean>();
        Thread.ofVirtual().name("parley-echo-sender").start(() -> done.complete(send(connection, sent)));
        return done;
    }

    /** Whether the whole input was sent; where not, the receiver hears why. */
    private boolean send(Connection connection, Tally sent) {
        try {
            InputStream from = source();
            var buffer = new byte[BUFFER_BYTES];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                sent.add(buffer, count);
                connection.out().write(buffer, 0, count);
            }
            connection.shutdownOutput();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void receive(Connection connection, Tally back) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        InputStream in = connection.in();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            back.add(buffer, count);
            io().out(buffer, 0, count);
        }
        if (messages != null && back.bytes > 0 && back.last != '\n') {
            io().outLine("");
        }
    }

    private static int judge(Address to, Tally sent, Tally back, boolean wholeInput) throws PeerFailedException {
        if (!wholeInput || sent.bytes != back.bytes) {
            throw new PeerFailedException(
                    ExitCode.PROTOCOL,
                    to + " sent back " + back.bytes + " of " + sent.bytes + " bytes and closed: is it an echo server?");
        }
        if (!Arrays.equals(sent.digest.digest(), back.digest.digest())) {
            throw new PeerFailedException(
                    ExitCode.PROTOCOL, to + " sent back " + back.bytes + " bytes, but not the ones it got");
        }
        return ExitCode.OK;
    }

    /** How many bytes went one way, and what they were. */
    private static final class Tally {
        private final MessageDigest digest;
        private long bytes;
        private byte last;

        Tally() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        void add(byte[] buffer, int count) {
            if (count > 0) {
                digest.update(buffer, 0, count);
                bytes += count;
                last = buffer[count - 1];
            }
        }
    }
}
