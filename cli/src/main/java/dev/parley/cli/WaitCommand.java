package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Durations;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley wait}: for scripts that start a server and then need it. */
@Command(
        name = "wait",
        description = "Wait until somebody accepts connections at the address.",
        footerHeading = "%nExample:%n",
        footer = {"  parley multi server & parley wait && parley multi client", "", ExitCode.TEXT})
final class WaitCommand extends LeafCommand {
    private static final Duration TRY_EVERY = Duration.ofMillis(50);

    @Mixin
    private final ServerAddress address = new ServerAddress();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "30s",
            description = "How long to wait at most. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Override
    public Integer call() throws Exception {
        Duration patience = Objects.requireNonNull(timeout);
        Address to = reachable(address.get());
        Limits limits = Limits.DEFAULT.withConnectTimeout(patience.isZero() ? TRY_EVERY : patience);
        try (EventLoop loop =
                EventLoop.builder().daemon(true).limits(limits).events(events()).start()) {
            var attempts = new Attempts(loop, to);
            loop.execute(attempts::next);
            attempts.reached.get(Math.max(TRY_EVERY.toMillis(), patience.toMillis()), TimeUnit.MILLISECONDS);
            return ExitCode.OK;
        } catch (TimeoutException e) {
            throw new PeerFailedException(
                    ExitCode.TIMEOUT, "nobody listens on " + to + " after " + Durations.text(patience));
        }
    }

    /** Tries again and again; the loop's thread. */
    private static final class Attempts implements Receiver {
        private final EventLoop loop;
        private final Address address;
        final CompletableFuture<Boolean> reached = new CompletableFuture<>();

        Attempts(EventLoop loop, Address address) {
            this.loop = loop;
            this.address = address;
        }

        void next() {
            try {
                loop.connect(address, this);
            } catch (RuntimeException badAddress) {
                reached.completeExceptionally(badAddress);
            }
        }

        @Override
        public void opened(LoopConnection connection) {
            reached.complete(true);
            connection.close();
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            if (reason == CloseReason.CONNECT && !reached.isDone()) {
                loop.schedule(TRY_EVERY, this::next);
            }
        }
    }
}
