package dev.parley.net;

import dev.parley.net.core.Nanos;
import dev.parley.net.mem.MemAddress;
import dev.parley.net.time.Timer;
import dev.parley.net.transport.Channel;
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
 * One connect under way: the name is resolved on a thread of its own, then its addresses race (RFC 8305, "Happy
 * Eyeballs"), all within one timeout. The next one starts when the last one has failed, or has not responded for a
 * while; the first that is established wins, and the others are dropped. Runs on the loop's thread.
 */
final class ConnectRace {
    /** The Connection Attempt Delay of RFC 8305, section 5, as it recommends it. */
    static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    private final EventLoop loop;
    private final LoopConnection connection;
    private final Address address;
    private final Deque<SocketAddress> untried = new ArrayDeque<>();

    /** All attempts in the order of their starts, with those that have failed. */
    private final List<ConnectAttempt> attempts = new ArrayList<>();

    private final Timer wholeTimer;
    private @Nullable Timer nextTimer;
    private boolean resolved;
    private boolean over;

    ConnectRace(EventLoop loop, LoopConnection connection, Address address) {
        this.loop = loop;
        this.connection = connection;
        this.address = address;
        Duration timeout = loop.limits().connectTimeout();
        wholeTimer = loop.core()
                .timerAt(
                        loop.freshNanos() + Nanos.of(timeout),
                        () -> giveUp(ConnectFailedException.timedOut(address, outcomes(), resolved, timeout)));
    }

    /** Refuses, before anything starts, an address that cannot be connected to. */
    static void check(Address address, Transport transport) {
        if (address instanceof Address.Tcp tcp && tcp.host().equals("*")) {
            throw AddressException.notToConnect(
                    address, "* means every interface, and is only for listening; to connect, name a host");
        }
        if (address instanceof Address.Tcp tcp && tcp.port() == 0) {
            throw AddressException.notToConnect(
                    address,
                    "port 0 means any free port, and is only for listening; to connect, name the port of the server");
        }
        checkTransport(address, transport);
    }

    static void checkTransport(Address address, Transport transport) {
        boolean supported =
                switch (address) {
                    case Address.Tcp _ -> transport.supports(new InetSocketAddress(0));
                    case Address.Unix unix -> transport.supports(UnixDomainSocketAddress.of(unix.path()));
                    case Address.Mem mem -> transport.supports(new MemAddress(mem.name()));
                };
        if (!supported) {
            throw AddressException.notHere(
                    address, "this loop moves bytes over '" + transport.name() + "', which has no such addresses");
        }
    }

    void start() {
        loop.tellTransport(false);
        switch (address) {
            case Address.Tcp tcp -> resolve(tcp);
            case Address.Unix unix -> begin(List.of(UnixDomainSocketAddress.of(unix.path())));
            case Address.Mem mem -> begin(List.of(new MemAddress(mem.name())));
        }
    }

    /** A resolver may hang for a minute: never on the loop, and not on a carrier of virtual threads either. */
    private void resolve(Address.Tcp tcp) {
        if (HostResolver.needsLookup(tcp.host())) {
            Thread.ofPlatform().daemon().name("parley-resolve-" + tcp.host()).start(() -> resolveAndHandOver(tcp));
        } else {
            resolveAndHandOver(tcp);
        }
    }

    private void resolveAndHandOver(Address.Tcp tcp) {
        try {
            List<SocketAddress> found = endpoints(tcp, loop.hostResolver());
            handOver(() -> begin(found));
        } catch (UnknownHostException | RuntimeException e) {
            handOver(() -> giveUp(ConnectFailedException.unknownHost(address, e)));
        }
    }

    private void handOver(Runnable next) {
        if (loop.isCurrent()) {
            next.run();
        } else {
            connection.sink().tryExecute(next);
        }
    }

    private static List<SocketAddress> endpoints(Address.Tcp tcp, HostResolver hostResolver)
            throws UnknownHostException {
        return AddressOrder.interleaved(HostResolver.addressesOf(tcp.host(), hostResolver)).stream()
                .map(ip -> (SocketAddress) new InetSocketAddress(ip, tcp.port()))
                .toList();
    }

    private void begin(List<SocketAddress> endpoints) {
        if (!over) {
            resolved = true;
            untried.addAll(endpoints);
            startNext();
        }
    }

    /** A refusal may come at once: then the next one starts here, until one is under way or none is left. */
    private void startNext() {
        cancelNext();
        while (!over && !untried.isEmpty()) {
            // The first attempt uses the sink that the connection has anyway: most connects need no other.
            ConnectionSink sink = attempts.isEmpty() ? connection.sink() : new ConnectionSink(connection);
            var attempt = new ConnectAttempt(loop.core(), loop.socketOptions(), untried.remove(), sink);
            attempts.add(attempt);
            loop.observer().connecting(connection, attempt.endpoint());
            try {
                attempt.start(() -> failed(attempt));
                startNextLater();
                return;
            } catch (IOException e) {
                attempt.failed(e);
                tellFailed(attempt, e);
            }
        }
        if (attempts.stream().allMatch(attempt -> attempt.failure() != null)) {
            giveUp(ConnectFailedException.allFailed(address, outcomes()));
        }
    }

    private void startNextLater() {
        if (!untried.isEmpty()) {
            nextTimer = loop.core().timerAt(loop.freshNanos() + ATTEMPT_DELAY.toNanos(), this::startNext);
        }
    }

    private void tellFailed(ConnectAttempt attempt, IOException cause) {
        loop.observer().connectAttemptFailed(connection, attempt.endpoint(), cause);
    }

    /** The sink of one attempt heard that it failed. */
    void failed(ConnectionSink sink, IOException cause) {
        ConnectAttempt attempt = attemptOf(sink);
        attempt.failed(cause);
        failed(attempt);
    }

    private void failed(ConnectAttempt attempt) {
        tellFailed(attempt, Objects.requireNonNull(attempt.failure()));
        startNext();
    }

    /**
     * The sink of one attempt was notified that it is established: that is the connection, and the others are dropped.
     *
     * @return null if it met itself; then the next address is tried
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

    /** Ends the race, which was won, given up or closed: nothing of it is left but the winner's channel. */
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
