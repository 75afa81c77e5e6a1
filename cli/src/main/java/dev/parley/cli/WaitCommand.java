package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.NetworkError;
import dev.parley.net.Receiver;
import dev.parley.net.text.Durations;
import dev.parley.net.tls.TlsException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code parley wait}: waits for a server, for scripts that start a server and then use it. */
@Command(
        name = "wait",
        description = {
            "Wait until a server accepts connections at the address.",
            "At a tls:// address, it waits for the handshake too. In TLS 1.3, a server refuses a client's certificate "
                    + "only after that, so this command does not notice it."
        },
        footerHeading = "%nExample:%n",
        footer = {"  parley multi server & parley wait && parley multi client", "", ExitCode.TEXT})
final class WaitCommand extends LeafCommand {
    private static final Duration TRY_EVERY = Duration.ofMillis(50);

    /** The errors that do not go away when a server starts, so the command fails at once. */
    private static final Set<NetworkError> CANNOT_MEND =
            EnumSet.of(NetworkError.PERMISSION_DENIED, NetworkError.TOO_MANY_OPEN_FILES, NetworkError.TLS);

    @Mixin
    private final ServerAddress address = new ServerAddress();

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "30s",
            description = "How long to wait at most; 0 for no limit. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Override
    public Integer call() throws Exception {
        Duration patience = Objects.requireNonNull(timeout);
        Address to = reachable(connect.address(address.text()));
        Limits limits = patience.isZero() ? Limits.DEFAULT : Limits.DEFAULT.withConnectTimeout(ofOneTry(to, patience));
        try (EventLoop loop = connect.loop(to)
                .daemon(true)
                .limits(limits)
                .observer(observer())
                .start()) {
            var attempts = new Attempts(loop, to);
            loop.execute(attempts::next);
            await(attempts, patience, to);
            return ExitCode.OK;
        }
    }

    /** At a TLS address, a try ends before the command does, so that the command can say what the try has found. */
    private static Duration ofOneTry(Address to, Duration patience) {
        return to instanceof Address.Tls ? patience.dividedBy(2) : patience;
    }

    private static void await(Attempts attempts, Duration patience, Address to)
            throws PeerFailedException, InterruptedException, ExecutionException {
        try {
            attempts.reached.get(patience.isZero() ? Long.MAX_VALUE : patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            ConnectFailedException last = attempts.last;
            throw new PeerFailedException(
                    ExitCode.TIMEOUT,
                    (to instanceof Address.Tls
                                    ? "no server of TLS answered at "
                                    : "no server accepted a connection at ")
                            + to + " within " + Durations.text(patience)
                            + (last == null ? "" : "; the last try: " + last.getMessage()));
        }
    }

    /** Tries to connect again and again. Runs on the loop's thread. */
    private static final class Attempts implements Receiver {
        private final EventLoop loop;
        private final Address address;
        final CompletableFuture<Boolean> reached = new CompletableFuture<>();
        volatile @Nullable ConnectFailedException last;

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
            connection.closeWithoutLingering(CloseReason.LOCAL);
        }

        /** Returns true if something in front of the server, such as a proxy, has accepted, and then ended. */
        private static boolean endedAtOnce(ConnectFailedException failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof TlsException tls && tls.reason() == TlsException.Reason.TRUNCATED) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            if (reason != CloseReason.CONNECT || !(connection.closeCause() instanceof ConnectFailedException failed)) {
                return;
            }
            last = failed;
            if (CANNOT_MEND.contains(failed.networkError()) && !endedAtOnce(failed)) {
                reached.completeExceptionally(failed);
            } else if (!reached.isDone()) {
                loop.schedule(TRY_EVERY, this::next);
            }
        }
    }
}
