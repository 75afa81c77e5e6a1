package dev.parley.net;

import dev.parley.net.core.Nanos;
import dev.parley.net.mem.MemAddress;
import dev.parley.net.time.Timer;
import dev.parley.net.tls.Tls;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connect: it resolves the name on a separate thread, and then tries the addresses in a race (RFC 8305, "Happy
 * Eyeballs"), all within one timeout. The attempt at the next address starts as soon as the last attempt has failed, or
 * has not been answered for {@link #ATTEMPT_DELAY}. The first attempt that succeeds wins, and the others are dropped.
 * Runs on the loop's thread.
 */
final class ConnectRace {
    /** The Connection Attempt Delay, with the value that RFC 8305, section 5, recommends. */
    static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    private final EventLoop loop;
    private final LoopConnection connection;
    private final Address address;
    private final @Nullable Tls tls;
    private final Deque<SocketAddress> untried = new ArrayDeque<>();

    /** All attempts in the order in which they were started, including the attempts that have failed. */
    private final List<ConnectAttempt> attempts = new ArrayList<>();

    private final Timer wholeTimer;
    private @Nullable Timer nextTimer;
    private boolean resolved;
    private boolean over;

    /**
     * Makes a race.
     *
     * @param tls the settings for a {@code tls://} address; null for those of the loop
     */
    ConnectRace(EventLoop loop, LoopConnection connection, Address address, @Nullable Tls tls) {
        this.tls = tls;
        this.loop = loop;
        this.connection = connection;
        this.address = address;
        Duration timeout = loop.limits().connectTimeout();
        wholeTimer = loop.core()
                .timerAt(
                        loop.freshNanos() + Nanos.of(timeout),
                        () -> giveUp(ConnectFailedException.timedOut(address, outcomes(), resolved, timeout)));
    }

    /**
     * Throws an {@link AddressException} if it is not possible to connect to the address. Called before anything
     * starts.
     */
    static void check(Address address, Transport transport) {
        if (address instanceof Address.Inet inet && inet.host().equals("*")) {
            throw AddressException.notToConnect(
                    address, "* means every interface, and is only for listening; to connect, name a host");
        }
        if (address instanceof Address.Inet inet && inet.port() == 0) {
            throw AddressException.notToConnect(
                    address,
                    "port 0 means any free port, and is only for listening; to connect, name the port of the server");
        }
        checkTransport(address, transport);
    }

    static void checkTransport(Address address, Transport transport) {
        boolean supported =
                switch (address) {
                    case Address.Inet _ -> transport.supports(new InetSocketAddress(0));
                    case Address.Unix unix -> transport.supports(UnixDomainSocketAddress.of(unix.path()));
                    case Address.Mem mem -> transport.supports(new MemAddress(mem.name()));
                };
        if (!supported) {
            throw AddressException.notHere(
                    address,
                    "this loop moves bytes over '" + transport.name() + "', which has no such addresses"
                            + (address instanceof Address.Mem ? "; both sides need the same MemNetwork" : ""));
        }
    }

    void start() {
        loop.notifyTransport(false);
        switch (address) {
            case Address.Inet inet -> resolve(inet);
            case Address.Unix unix -> begin(List.of(UnixDomainSocketAddress.of(unix.path())));
            case Address.Mem mem -> begin(List.of(new MemAddress(mem.name())));
        }
    }

    /**
     * Resolves the name on a platform thread of its own: a resolver may hang for a minute, and must block neither the
     * loop nor a carrier of virtual threads.
     */
    private void resolve(Address.Inet inet) {
        if (HostResolver.needsLookup(inet.host())) {
            Thread.ofPlatform().daemon().name("parley-resolve-" + inet.host()).start(() -> connection
                    .sink()
                    .tryExecute(resolved(inet)));
        } else {
            resolved(inet).run();
        }
    }

    /** Resolves the name, and returns the step that follows on the loop's thread. */
    private Runnable resolved(Address.Inet inet) {
        try {
            List<SocketAddress> found = endpoints(inet, loop.hostResolver());
            return () -> begin(found);
        } catch (UnknownHostException e) {
            return () -> giveUp(ConnectFailedException.unknownHost(address, e));
        } catch (Throwable thrown) {
            return () -> {
                loop.observer().failed("the resolver of host names threw for " + address, thrown);
                giveUp(ConnectFailedException.resolverThrew(address, thrown));
            };
        }
    }

    private static List<SocketAddress> endpoints(Address.Inet inet, HostResolver hostResolver)
            throws UnknownHostException {
        return AddressOrder.interleaved(HostResolver.addressesOf(inet.host(), hostResolver)).stream()
                .map(ip -> (SocketAddress) new InetSocketAddress(ip, inet.port()))
                .toList();
    }

    private void begin(List<SocketAddress> endpoints) {
        if (!over) {
            resolved = true;
            untried.addAll(endpoints);
            startNext();
        }
    }

    /**
     * Starts the next attempt. If it fails at once, this starts the one after it, until an attempt is under way or no
     * endpoint is left.
     */
    private void startNext() {
        cancelNext();
        while (!over && !untried.isEmpty()) {
            // The first attempt uses the sink that the connection already has, so most connects need no further sink.
            ConnectionSink sink = attempts.isEmpty() ? connection.sink() : new ConnectionSink(connection);
            var attempt = new ConnectAttempt(loop.core(), this::connect, untried.remove(), sink);
            attempts.add(attempt);
            loop.observer().connecting(connection, attempt.endpoint());
            try {
                attempt.start(() -> failed(attempt));
                startNextLater();
                return;
            } catch (IOException e) {
                attempt.failed(e);
                notifyFailed(attempt, e);
            }
        }
        if (attempts.stream().allMatch(attempt -> attempt.failure() != null)) {
            giveUp(ConnectFailedException.allFailed(
                    address,
                    outcomes(),
                    attempts.isEmpty() ? null : attempts.getLast().failure()));
        }
    }

    private Channel connect(SocketAddress endpoint, ChannelSink sink) throws IOException {
        if (address instanceof Address.Tls wanted) {
            Tls settings = tls == null ? loop.tls() : tls;
            return loop.poller().connect(endpoint, settings, wanted.host(), loop.socketOptions(), sink);
        }
        return loop.poller().connect(endpoint, loop.socketOptions(), sink);
    }

    private void startNextLater() {
        if (!untried.isEmpty()) {
            nextTimer = loop.core().timerAt(loop.freshNanos() + ATTEMPT_DELAY.toNanos(), this::startNext);
        }
    }

    private void notifyFailed(ConnectAttempt attempt, IOException cause) {
        loop.observer().connectAttemptFailed(connection, attempt.endpoint(), cause);
    }

    /** Called if the channel of one attempt has failed. */
    void failed(ConnectionSink sink, IOException cause) {
        ConnectAttempt attempt = attemptOf(sink);
        attempt.failed(cause);
        failed(attempt);
    }

    private void failed(ConnectAttempt attempt) {
        notifyFailed(attempt, Objects.requireNonNull(attempt.failure()));
        startNext();
    }

    /**
     * Called if one attempt is established. Its channel becomes the connection's, and the other attempts are dropped.
     *
     * @return the channel; null if the socket has connected to itself, in which case the next address is tried
     */
    @Nullable
    Channel succeeded(ConnectionSink sink) {
        ConnectAttempt attempt = attemptOf(sink);
        if (attempt.refusesItself()) {
            failed(attempt);
            return null;
        }
        Channel winner = attempt.takeChannel();
        end();
        return winner;
    }

    private ConnectAttempt attemptOf(ConnectionSink sink) {
        return attempts.stream()
                .filter(attempt -> attempt.hears(sink))
                .findFirst()
                .orElseThrow();
    }

    private List<ConnectFailedException.Attempt> outcomes() {
        return attempts.stream().map(ConnectAttempt::outcome).toList();
    }

    private void giveUp(ConnectFailedException failure) {
        if (!over) {
            end();
            connection.finish(CloseReason.CONNECT, failure);
        }
    }

    /**
     * Ends the race, because it was won or given up, or the connection was closed. All channels except the winner's are
     * closed.
     */
    void end() {
        over = true;
        wholeTimer.cancel();
        cancelNext();
        attempts.forEach(ConnectAttempt::drop);
    }

    private void cancelNext() {
        if (nextTimer != null) {
            nextTimer.cancel();
            nextTimer = null;
        }
    }
}
