package dev.parley.net;

import dev.parley.net.mem.MemAddress;
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
 * One connect under way: the name is resolved on a thread of its own, then every address is tried in turn, all within
 * one timeout. Runs on the loop's thread.
 */
final class Connecting {
    private static final Duration FULL_PAUSE = Duration.ofMillis(20);

    private final EventLoop loop;
    private final LoopConnection connection;
    private final Address address;
    private final Deque<SocketAddress> untried = new ArrayDeque<>();
    private final List<ConnectFailedException.Attempt> attempts = new ArrayList<>();
    private final long deadlineNanos;
    private final Timer wholeTimer;
    private @Nullable Timer attemptTimer;
    private @Nullable SocketAddress endpoint;
    private @Nullable Channel channel;
    private boolean resolved;
    private boolean over;

    Connecting(EventLoop loop, LoopConnection connection, Address address) {
        this.loop = loop;
        this.connection = connection;
        this.address = address;
        Duration timeout = loop.limits().connectTimeout();
        deadlineNanos = loop.freshNanos() + Durations.nanos(timeout);
        wholeTimer = loop.timerAt(
                deadlineNanos,
                () -> giveUp(ConnectFailedException.timedOut(address, attemptsWithCurrent(), resolved, timeout)));
    }

    /** Refuses, before anything starts, what nobody can connect to. */
    static void check(Address address, Transport transport) {
        if (address instanceof Address.Tcp tcp && tcp.host().equals("*")) {
            throw AddressException.notToConnect(address, "* means every interface, to listen; to connect, name a host");
        }
        if (address instanceof Address.Tcp tcp && tcp.port() == 0) {
            throw AddressException.notToConnect(address, "port 0 means any free one, to listen; to connect, name it");
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
        switch (address) {
            case Address.Tcp tcp -> resolve(tcp);
            case Address.Unix unix -> begin(List.of(UnixDomainSocketAddress.of(unix.path())));
            case Address.Mem mem -> begin(List.of(new MemAddress(mem.name())));
        }
    }

    /** A resolver may hang for a minute: never on the loop, and not on a carrier of virtual threads either. */
    private void resolve(Address.Tcp tcp) {
        if (Hosts.needsLookup(tcp.host())) {
            Thread.ofPlatform().daemon().name("parley-resolve-" + tcp.host()).start(() -> resolveAndHandOver(tcp));
        } else {
            resolveAndHandOver(tcp);
        }
    }

    private void resolveAndHandOver(Address.Tcp tcp) {
        try {
            List<SocketAddress> found = endpoints(tcp, loop.hosts());
            handOver(() -> begin(found));
        } catch (UnknownHostException | RuntimeException e) {
            handOver(() -> giveUp(ConnectFailedException.unknownHost(address, e)));
        }
    }

    private void handOver(Runnable next) {
        if (loop.isCurrent()) {
            next.run();
        } else {
            loop.tryExecute(next);
        }
    }

    private static List<SocketAddress> endpoints(Address.Tcp tcp, Hosts hosts) throws UnknownHostException {
        return Hosts.addressesOf(tcp.host(), hosts).stream()
                .map(ip -> (SocketAddress) new InetSocketAddress(ip, tcp.port()))
                .toList();
    }

    private void begin(List<SocketAddress> endpoints) {
        if (!over) {
            resolved = true;
            untried.addAll(endpoints);
            tryNext();
        }
    }

    /** A refusal may come at once: then the next one is tried here, until one is under way or none is left. */
    private void tryNext() {
        while (!over) {
            SocketAddress next = untried.poll();
            if (next == null) {
                giveUp(ConnectFailedException.allFailed(address, attempts));
                return;
            }
            endpoint = next;
            loop.events().connecting(connection, next);
            try {
                channel = loop.poller().connect(next, loop.socketOptions(), connection.sink());
                limitAttempt();
                return;
            } catch (IOException e) {
                if (Problem.of(e) == Problem.BACKLOG_FULL) {
                    tryAgainSoon(next);
                    return;
                }
                record(next, e);
            } catch (RuntimeException e) {
                record(next, new IOException(String.valueOf(e.getMessage()), e));
            }
        }
    }

    /** TCP waits in the kernel until the server accepts; a Unix socket leaves the waiting to us. */
    private void tryAgainSoon(SocketAddress full) {
        untried.addFirst(full);
        attemptTimer = loop.timerAt(loop.freshNanos() + FULL_PAUSE.toNanos(), this::tryNext);
    }

    /** With others still to try, a silent one gets its share of the time that is left, and not all of it. */
    private void limitAttempt() {
        if (!untried.isEmpty()) {
            long now = loop.freshNanos();
            long share = (deadlineNanos - now) / (untried.size() + 1);
            attemptTimer = loop.timerAt(now + share, () -> failed(new IOException("timed out")));
        }
    }

    private void record(SocketAddress tried, IOException cause) {
        attempts.add(ConnectFailedException.Attempt.of(tried, cause));
        loop.events().connectAttemptFailed(connection, tried, cause);
    }

    /** The connection's sink heard that this attempt failed. */
    void failed(IOException cause) {
        dropAttempt();
        if (endpoint != null) {
            record(endpoint, cause);
        }
        tryNext();
    }

    /** The connection's sink heard that it stands; the channel is the connection's from here on. */
    Channel succeeded() {
        end();
        return Objects.requireNonNull(channel);
    }

    /** The user closed it meanwhile. */
    void abandon() {
        dropAttempt();
        end();
    }

    private void giveUp(ConnectFailedException failure) {
        if (!over) {
            dropAttempt();
            end();
            connection.finish(CloseReason.CONNECT, failure);
        }
    }

    private List<ConnectFailedException.Attempt> attemptsWithCurrent() {
        var all = new ArrayList<>(attempts);
        if (channel != null && endpoint != null) {
            all.add(new ConnectFailedException.Attempt(endpoint, Problem.TIMED_OUT, Problem.TIMED_OUT.text()));
        }
        return all;
    }

    private void dropAttempt() {
        if (attemptTimer != null) {
            attemptTimer.cancel();
            attemptTimer = null;
        }
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    private void end() {
        over = true;
        wholeTimer.cancel();
        if (attemptTimer != null) {
            attemptTimer.cancel();
        }
    }
}
