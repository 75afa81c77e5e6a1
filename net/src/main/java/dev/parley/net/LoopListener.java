package dev.parley.net;

import dev.parley.net.accept.HandshakeLimit;
import dev.parley.net.core.LoopThread;
import dev.parley.net.core.Uninterrupted;
import dev.parley.net.host.DescriptorLimit;
import dev.parley.net.proxy.ProxyProtocol;
import dev.parley.net.proxy.ProxyServerChannel;
import dev.parley.net.text.SafeText;
import dev.parley.net.time.Timer;
import dev.parley.net.tls.Tls;
import dev.parley.net.tls.TlsException;
import dev.parley.net.tls.TlsServerChannel;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A listener of a loop at one address. For {@code localhost} it has two sockets, one on each loopback address. It
 * limits how many connections are open, and turns further ones away. Any thread may open and close it; everything else
 * happens on the loop's thread.
 *
 * {@snippet :
 * LoopListener listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 * int port = ((Address.Tcp) listener.address()).port(); // the one that was free
 * System.out.println(listener.openConnections() + " connections on port " + port);
 * listener.close(); // open connections are left alone
 * }
 */
public final class LoopListener implements AutoCloseable {
    /**
     * The time that accepting pauses after a failure, unless one of our connections closes before. A descriptor that is
     * freed elsewhere in the process must be noticed within a second, so the pause is shorter than that; but it is long
     * enough that few attempts fail while no descriptor is free.
     */
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(500);

    /**
     * The pause after a failed attempt that was made because one of our connections closed. It is shorter, because over
     * io_uring the descriptor comes free a little after the close, when the last bytes have been handed over.
     */
    private static final Duration ACCEPT_PAUSE_AFTER_CLOSE = Duration.ofMillis(25);

    /**
     * The error for a full descriptor table. This field loads the class {@link NetworkError} and the system's words for
     * errors early, because loading them needs a free descriptor.
     */
    private static final NetworkError WORST = NetworkError.of(new IOException("Too many open files"));

    /**
     * The maximum number of rejected connections that may linger at the same time. Further ones are closed without a
     * message.
     */
    private static final int REJECTED_MAX = 64;

    /** At most a quarter of the connections that may be open may be in a handshake, including those behind a proxy. */
    private static final int HANDSHAKES_PART = 4;

    /**
     * The least number of handshakes that may be under way. A handshake costs little, and with a lower limit a few
     * honest clients would end each other's handshakes.
     */
    private static final int HANDSHAKES_MIN = 64;

    private final EventLoop loop;
    private final Address asked;
    private final List<ServerChannel> channels;
    private final List<SocketFileMonitor> fileWatches = new ArrayList<>();
    private final List<Address> addresses;
    private final Function<LoopConnection, ? extends Receiver> receivers;
    private final SparseWarnings warnings;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ListenerGroup<LoopListener> group;

    /** The rejected connections of this loop that are not closed yet. */
    private final Set<LoopConnection> rejected = new HashSet<>();

    /** The parts of other loops, which this listener closes first. */
    private final List<LoopListener> sharing = new CopyOnWriteArrayList<>();

    /**
     * The number of connections of this loop, including those that another loop has accepted and hands over. Any thread
     * may use it.
     */
    private final AtomicInteger load = new AtomicInteger();

    private boolean stopped;
    private boolean pausedByUser;
    private @Nullable Timer pausedByFailure;
    private boolean resumedByClose;
    private Runnable whenStopped = () -> {};

    private LoopListener(
            EventLoop loop,
            Address asked,
            List<ServerChannel> channels,
            Function<LoopConnection, ? extends Receiver> receivers,
            @Nullable LoopListener other) {
        this.loop = loop;
        this.asked = asked;
        this.channels = new ArrayList<>(channels);
        this.addresses = channels.stream()
                .map(channel -> Endpoints.address(asked, channel.localAddress()))
                .toList();
        this.group = other == null ? new ListenerGroup<>(this::notifyStopped) : other.group;
        this.receivers = receivers;
        this.warnings = new SparseWarnings(loop::freshNanos, loop.observer()::warned);
    }

    /** Binds and listens. Any thread may call this, but not the loop's own thread if a host name must be looked up. */
    static LoopListener open(
            EventLoop loop,
            Address address,
            @Nullable Tls given,
            Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        ConnectRace.checkTransport(address, loop.transport());
        if (loop.core().isClosing()) {
            throw new IllegalStateException("cannot listen on " + address + ": the loop is closed");
        }
        var listener = new LoopListener(loop, address, bind(loop, address, given), receivers, null);
        listener.notifyListening();
        if (!loop.tryExecute(listener::register)) {
            listener.closeChannels();
        }
        return listener;
    }

    private static List<ServerChannel> bind(EventLoop loop, Address address, @Nullable Tls given)
            throws BindFailedException {
        if (!(address instanceof Address.Tls)) {
            return bindProxied(loop, address);
        }
        Tls tls = given == null ? loop.tls() : given;
        if (!tls.hasCertificate()) {
            throw AddressException.notHere(
                    address, "a server of TLS needs a certificate with its key, and the settings of TLS have none");
        }
        HandshakeLimit limit = handshakeLimit(loop);
        return bindProxied(loop, address).stream()
                .map(channel -> (ServerChannel) new TlsServerChannel(channel, tls, limit))
                .toList();
    }

    private static HandshakeLimit handshakeLimit(EventLoop loop) {
        return new HandshakeLimit(Math.max(HANDSHAKES_MIN, loop.limits().connectionsMax() / HANDSHAKES_PART));
    }

    /** Binds the sockets of an address, whose connections proxies pass on if the loop is so set up. */
    private static List<ServerChannel> bindProxied(EventLoop loop, Address address) throws BindFailedException {
        List<ServerChannel> bound = loop.binder().bindAll(address);
        ProxyProtocol proxies = loop.proxyProtocol();
        if (proxies == null || !(address instanceof Address.Inet)) {
            return bound;
        }
        HandshakeLimit limit = handshakeLimit(loop);
        return bound.stream()
                .map(channel -> (ServerChannel) new ProxyServerChannel(channel, proxies, limit))
                .toList();
    }

    /**
     * Accepts connections at the other listener's address on this loop as well. Both listeners share one limit of
     * connections. Any thread may call this.
     *
     * @throws IllegalStateException if the other listener is closed
     * @throws UnsupportedOperationException if only one loop of the transport can listen on such an address
     * @throws UncheckedIOException if the system refuses, most often because the process has no file descriptor left
     */
    static LoopListener sharing(
            LoopListener other, EventLoop loop, Function<LoopConnection, ? extends Receiver> receivers) {
        if (!other.group.mayOpen()) {
            throw new IllegalStateException(
                    "cannot listen on " + other.address() + " with another loop: the listener is closed");
        }
        var shared = new ArrayList<ServerChannel>();
        try {
            other.channels.forEach(channel -> shared.add(channel.share()));
            var listener = new LoopListener(loop, other.asked, shared, receivers, other);
            loop.execute(listener::register);
            return listener;
        } catch (UncheckedIOException e) {
            other.group.closes(shared);
            throw other.cannotListenToo(Objects.requireNonNull(e.getCause()));
        } catch (RuntimeException e) {
            other.group.closes(shared);
            throw e;
        }
    }

    private UncheckedIOException cannotListenToo(IOException cause) {
        return new UncheckedIOException("cannot listen on " + address() + " with another loop: " + words(cause), cause);
    }

    private static String words(IOException cause) {
        return NetworkError.of(cause) == WORST
                ? "too many open files; raise the limit with ulimit -n"
                : String.valueOf(cause.getMessage());
    }

    private void notifyListening() {
        loop.notifyTransport(true);
        for (Address address : addresses) {
            loop.observer().bound(address, loop.socketOptions());
            loop.observer().listening(address, loop.socketOptions());
        }
        if (addresses.stream().anyMatch(bound -> bound instanceof Address.Tcp tcp && !tcp.isLoopback())) {
            loop.observer().warned("listening on " + address() + ", which other hosts may reach, without TLS");
        }
        if (!(asked instanceof Address.Mem)) {
            DescriptorLimit.warningFor(loop.limits().connectionsMax()).ifPresent(loop.observer()::warned);
        }
    }

    private void register() {
        if (stopped || loop.core().isClosing()) {
            stop();
            return;
        }
        loop.add(this);
        group.add(this);
        for (int i = 0; i < channels.size() && !stopped; i++) {
            try {
                loop.core().poller().register(channels.get(i), new Accepting(addresses.get(i)));
                monitorFile(channels.get(i));
            } catch (ClosedChannelException e) {
                close(); // the listener that this one shares a socket with has closed it
            } catch (IOException e) {
                loop.observer().failed("cannot listen on " + addresses.get(i), e);
                close();
            }
        }
    }

    /**
     * Starts to watch the file of a Unix socket: a cleaner of temporary directories may remove the file, and then no
     * client finds the socket.
     */
    private void monitorFile(ServerChannel channel) {
        if (address() instanceof Address.Unix unix && channel.file() != EndpointFile.NONE) {
            fileWatches.add(new SocketFileMonitor(loop.core(), loop.binder(), unix, channel, this::replace));
        }
    }

    /**
     * Registers another socket for the same path. The earlier socket, which no client finds any more, is closed if this
     * loop is the only one that accepts from it.
     */
    private void replace(ServerChannel earlier, ServerChannel another) throws IOException {
        loop.core().poller().register(another, new Accepting(addresses.getFirst()));
        channels.add(another);
        updateAccepting();
        if (group.isAlone() && channels.remove(earlier)) {
            earlier.close();
        }
    }

    /**
     * {@return the address that the caller asked for; if its port is 0, with the real port instead} Any thread may call
     * this.
     */
    public Address address() {
        return asked instanceof Address.Inet inet
                ? Endpoints.address(asked, inet.host(), ((Address.Inet) addresses.getFirst()).port())
                : addresses.getFirst();
    }

    /** {@return each address that is bound, as an IP address with its real port; any thread may call this} */
    public List<Address> addresses() {
        return addresses;
    }

    /** {@return the number of open connections of all loops that accept at this address; any thread may call this} */
    public int openConnections() {
        return group.open().get();
    }

    /**
     * Returns the number of connections of this loop, including those that another loop hands over, and those that
     * still shake hands. Any thread may call this.
     */
    int load() {
        return load.get() + loop.poller().handshakesUnderWay();
    }

    EventLoop loop() {
        return loop;
    }

    /** Closes another loop's part of this listener whenever this listener is closed. Any thread may call this. */
    void closesWith(LoopListener part) {
        sharing.add(part);
    }

    /**
     * Stops listening. Open connections stay open; connections that are not accepted yet are refused or reset. This
     * method returns when the address is free. But on the thread of a loop it returns at once, and the address is free
     * when each loop that listens on it has begun another turn. Calling it twice is harmless. Any thread may call it.
     */
    @Override
    public void close() {
        sharing.forEach(LoopListener::close);
        if (loop.isCurrent()) {
            stop();
        } else if (loop.tryExecute(this::stop) && LoopThread.mayBlock()) {
            Uninterrupted.run(closed::await);
        }
    }

    /**
     * Sets the action that runs when the listener stops, for whatever reason. If the listener has already stopped, the
     * action runs now. Called on the loop's thread.
     */
    void whenStopped(Runnable told) {
        whenStopped = told;
        if (stopped) {
            told.run();
        }
    }

    private void stop() {
        if (!stopped) {
            stopped = true;
            group.remove(this);
            if (pausedByFailure != null) {
                pausedByFailure.cancel();
            }
            fileWatches.forEach(SocketFileMonitor::stop);
            loop.remove(this);
            closeChannels();
            whenStopped.run();
        }
        // The selector frees the descriptor of a closed channel in its next round. Only then is the address free.
        if (!loop.tryExecute(closed::countDown)) {
            closed.countDown();
        }
    }

    private void closeChannels() {
        group.closes(channels);
    }

    /** Called when the last of the loops that accept at this address has closed its channels, on that loop's thread. */
    private void notifyStopped() {
        addresses.forEach(loop.observer()::stoppedListening);
    }

    /** Leaves new connections in the backlog until {@link #resumeAccepting} is called. Called on the loop's thread. */
    void pauseAccepting() {
        pausedByUser = true;
        updateAccepting();
    }

    void resumeAccepting() {
        pausedByUser = false;
        updateAccepting();
    }

    /**
     * Called when one of the loop's connections has closed. If accepting pauses after a failure, it starts again,
     * because a descriptor has come free, or will be free in a turn or two.
     */
    void resumeAfterClose() {
        if (pausedByFailure != null) {
            resumedByClose = true;
            pausedByFailure.cancel();
            resumeAfterFailure();
        }
    }

    private void resumeAfterFailure() {
        pausedByFailure = null;
        updateAccepting();
    }

    private void updateAccepting() {
        if (!stopped) {
            channels.forEach(channel -> channel.wantAccept(!pausedByUser && pausedByFailure == null));
        }
    }

    void closed(LoopConnection connection) {
        if (rejected.remove(connection)) {
            group.rejected().decrementAndGet();
        } else {
            uncount();
        }
    }

    private void uncount() {
        load.decrementAndGet();
        group.open().decrementAndGet();
    }

    /**
     * Takes a socket that another loop has accepted. Returns false if this loop has ended. Any thread may call this.
     */
    private boolean take(AcceptedSocket acceptedSocket, Address address) {
        load.incrementAndGet();
        boolean taken = loop.tryExecute(() -> {
            load.decrementAndGet();
            if (stopped || loop.core().isClosing()) {
                acceptedSocket.refuse();
            } else {
                acceptedSocket.join(loop.core().poller(), new Accepting(address));
            }
        });
        if (!taken) {
            load.decrementAndGet();
        }
        return taken;
    }

    /** The sink of one bound socket. */
    private final class Accepting implements AcceptSink {
        private final Address address;

        Accepting(Address address) {
            this.address = address;
        }

        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            loop.core().telling();
            LoopListener fewest = group.fewest(LoopListener.this, LoopListener::load);
            if (fewest == LoopListener.this || !fewest.take(acceptedSocket, address)) {
                acceptedSocket.join(loop.core().poller(), this);
            }
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            loop.core().telling();
            var connection = LoopConnection.accepted(LoopListener.this, address, channel);
            load.incrementAndGet();
            int count = group.open().incrementAndGet();
            loop.observer().accepted(address, connection);
            try {
                Receiver receiver = Objects.requireNonNull(
                        receivers.apply(connection), "the function that makes receivers has returned null");
                connection.firstReceiver(receiver); // so that it is notified of the end if its refusal() throws
                boolean full = count > loop.limits().connectionsMax();
                String refusal = full ? full() : receiver.refusal(connection);
                if (connection.state() == ConnectionState.CLOSED) {
                    return connection.sink(); // the function that makes receivers has closed it
                }
                if (refusal == null) {
                    return connection.start(receiver);
                }
                var why = new IOException(
                        full ? "too many connections are open" : "this side has no room for it: " + refusal);
                warnings.warn(SparseWarnings.Kind.TURNED_AWAY, "refusing connections on " + address + ": " + refusal);
                turnAway(connection, receiver, why);
            } catch (Throwable thrown) {
                connection.sink().threw(thrown);
            }
            return connection.sink();
        }

        private String full() {
            return loop.limits().connectionsMax()
                    + " are open, which is the limit; raise connectionsMax, or close some";
        }

        private void turnAway(LoopConnection connection, Receiver receiver, IOException why) {
            connection.firstReceiver(LoopConnection.NO_RECEIVER);
            uncount();
            rejected.add(connection);
            boolean mayStay = group.rejected().incrementAndGet() <= REJECTED_MAX;
            ByteBuffer words = mayStay ? receiver.turnedAway(connection) : ByteBuffer.allocate(0);
            if (words.hasRemaining()) {
                connection.start(new RejectedConnection(words, why));
            } else {
                connection.finish(CloseReason.LIMIT, why);
            }
        }

        @Override
        public void acceptFailed(IOException cause) {
            // Pause first: without a descriptor even the report may fail, and then the listener must not try again and
            // again.
            if (pausedByFailure == null) {
                Duration pause = resumedByClose ? ACCEPT_PAUSE_AFTER_CLOSE : ACCEPT_PAUSE;
                resumedByClose = false;
                pausedByFailure =
                        loop.core().timerAt(loop.freshNanos() + pause.toNanos(), LoopListener.this::resumeAfterFailure);
                updateAccepting();
            }
            loop.observer().acceptFailed(address, cause);
            warnings.warn(
                    SparseWarnings.Kind.ACCEPT_FAILED,
                    "cannot accept on " + address + ": " + words(cause) + " (new connections wait)");
        }

        @Override
        public void refused(SocketAddress peer, IOException cause) {
            refused(peer, Optional.empty(), cause);
        }

        @Override
        public void refused(SocketAddress peer, Optional<InetSocketAddress> claimed, IOException cause) {
            loop.core().telling();
            Address from = Endpoints.address(address, peer);
            loop.observer().refused(address, from, cause);
            String claims = claimed.map(client -> " (claims " + Endpoints.address(address, client) + ")")
                    .orElse("");
            String who = cause instanceof TlsException
                    ? "no TLS connection with " + SafeText.line(from)
                    : "refused a connection at " + address + (from instanceof Address.Inet ? " from " + from : "");
            Enum<?> kind = cause instanceof TlsException tls ? tls.reason() : SparseWarnings.Kind.REFUSED;
            warnings.warn(kind, who + claims + ": " + cause.getMessage());
        }
    }
}
