package dev.parley.net;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An address that a loop listens on; {@code localhost} is two sockets, one on each loopback. Opened and closed from any
 * thread; everything else happens on the loop's.
 *
 * {@snippet :
 * LoopListener listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 * int port = ((Address.Tcp) listener.address()).port(); // the one that was free
 * System.out.println(listener.openConnections() + " connections on port " + port);
 * listener.close(); // connections that stand are left alone
 * }
 */
public final class LoopListener implements AutoCloseable {
    /**
     * How long accepting rests after a failure when nothing of ours closes meanwhile: under the second within which a
     * descriptor freed elsewhere in the process must be noticed, and few attempts while none is.
     */
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(500);

    /** Over io_uring a descriptor is closed only when the last bytes have been handed over. */
    private static final Duration ACCEPT_PAUSE_AFTER_CLOSE = Duration.ofMillis(25);

    /** Loaded while there is a descriptor to load it with, and so are the system's words for it. */
    private static final NetworkError WORST = NetworkError.of(new IOException("Too many open files"));

    /** How many peers that are turned away may linger at once; a flood of them gets no words. */
    private static final int REJECTED_MAX = 64;

    private static final long WARN_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final EventLoop loop;
    private final Address asked;
    private final List<ServerChannel> channels;
    private final List<SocketFileMonitor> fileWatches = new ArrayList<>();
    private final List<Address> addresses;
    private final Function<LoopConnection, Receiver> receivers;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ListenerGroup<LoopListener> group;

    /** Of this loop alone: those that are turned away and not closed yet. */
    private final Set<LoopConnection> rejected = new HashSet<>();

    /** Of this loop alone, with those that are on their way to it; any thread. */
    private final AtomicInteger load = new AtomicInteger();

    private boolean stopped;
    private boolean pausedByUser;
    private @Nullable Timer pausedByFailure;
    private boolean resumedByClose;
    private Runnable whenStopped = () -> {};
    private @Nullable Long warnedNanos;

    private LoopListener(
            EventLoop loop,
            Address asked,
            List<ServerChannel> channels,
            Function<LoopConnection, Receiver> receivers,
            ListenerGroup<LoopListener> group) {
        this.group = group;
        this.loop = loop;
        this.asked = asked;
        this.channels = new ArrayList<>(channels);
        this.addresses = channels.stream()
                .map(channel -> Address.of(channel.localAddress()))
                .toList();
        this.receivers = receivers;
    }

    /** Any thread but, for host names that are looked up, the loop's own. */
    static LoopListener open(EventLoop loop, Address address, Function<LoopConnection, Receiver> receivers)
            throws BindFailedException {
        ConnectRace.checkTransport(address, loop.transport());
        if (loop.core().isClosing()) {
            throw new IllegalStateException("cannot listen on " + address + ": the loop is closed");
        }
        var listener =
                new LoopListener(loop, address, loop.binder().bindAll(address), receivers, new ListenerGroup<>());
        listener.tellListening();
        if (!loop.tryExecute(listener::register)) {
            listener.channels.forEach(ServerChannel::close);
        }
        return listener;
    }

    /**
     * Accepts here what comes to the other's address as well; the limit of connections is one for both. Any thread.
     *
     * @throws UnsupportedOperationException where the transport can listen with one loop only
     */
    static LoopListener sharing(LoopListener other, EventLoop loop, Receiver receiver) {
        List<ServerChannel> shared =
                other.channels.stream().map(ServerChannel::share).toList();
        var listener = new LoopListener(loop, other.asked, shared, connection -> receiver, other.group);
        loop.execute(listener::register);
        return listener;
    }

    private void tellListening() {
        loop.tellTransport(true);
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
            } catch (IOException e) {
                loop.observer().failed("cannot listen on " + addresses.get(i), e);
                close();
            }
        }
    }

    /** A cleaner of temporary directories may remove the file of a Unix socket, without which no client finds it. */
    private void monitorFile(ServerChannel channel) {
        if (address() instanceof Address.Unix unix && channel.file() != EndpointFile.NONE) {
            fileWatches.add(new SocketFileMonitor(loop.core(), loop.binder(), unix, channel, this::replace));
        }
    }

    /** An earlier socket that no client finds any more is closed, unless other loops accept from it too. */
    private void replace(ServerChannel earlier, ServerChannel another) throws IOException {
        loop.core().poller().register(another, new Accepting(addresses.getFirst()));
        channels.add(another);
        updateAccepting();
        if (group.isAlone() && channels.remove(earlier)) {
            earlier.close();
        }
    }

    /** {@return the address as it was asked for, with the real port where port 0 was asked; any thread} */
    public Address address() {
        return asked instanceof Address.Tcp tcp
                ? new Address.Tcp(tcp.host(), ((Address.Tcp) addresses.getFirst()).port())
                : addresses.getFirst();
    }

    /** {@return each address that is bound, as an IP address with its real port; any thread} */
    public List<Address> addresses() {
        return addresses;
    }

    /** {@return how many connections that were accepted at this address, by any loop, are open; any thread} */
    public int openConnections() {
        return group.open().get();
    }

    /** How many of them are of this loop, or on their way to it; any thread. */
    int load() {
        return load.get();
    }

    EventLoop loop() {
        return loop;
    }

    /**
     * Stops listening; connections that stand are left alone, and those that nobody has accepted yet are refused or
     * reset. Any thread. Returns when the address is free, or at once on the thread of a loop, and then it is free a
     * turn later. Twice is harmless.
     */
    @Override
    public void close() {
        if (loop.isCurrent()) {
            stop();
        } else if (loop.tryExecute(this::stop) && LoopThread.mayBlock()) {
            Uninterrupted.run(closed::await);
        }
    }

    /** Has this run when it stops, by whatever stops it, or now where it has; the loop's thread. */
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
            channels.forEach(ServerChannel::close);
            for (int i = 0; i < addresses.size(); i++) {
                loop.observer().stoppedListening(addresses.get(i));
            }
            loop.remove(this);
            whenStopped.run();
        }
        // The selector frees a closed channel's descriptor in its next round: only then is the address free.
        if (!loop.tryExecute(closed::countDown)) {
            closed.countDown();
        }
    }

    /** Newcomers wait in the backlog until {@link #resumeAccepting}; the loop's thread. */
    void pauseAccepting() {
        pausedByUser = true;
        updateAccepting();
    }

    void resumeAccepting() {
        pausedByUser = false;
        updateAccepting();
    }

    /** A descriptor of ours has come free, or will in a turn or two. */
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

    /** Takes a peer that another loop has accepted; false when this one has ended. Any thread. */
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

    /** One for each bound socket. */
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
                Receiver receiver = receivers.apply(connection);
                connection.firstReceiver(receiver); // it is told of the end where its refusal throws
                String refusal = count > loop.limits().connectionsMax() ? full() : receiver.refusal(connection);
                if (refusal == null) {
                    return connection.start(receiver);
                }
                turnAway(connection, receiver, refusal);
            } catch (Throwable thrown) {
                connection.sink().threw(thrown);
            }
            return connection.sink();
        }

        private String full() {
            return loop.limits().connectionsMax()
                    + " are open, the most that is allowed; raise connectionsMax, or close some";
        }

        private void turnAway(LoopConnection connection, Receiver receiver, String refusal) {
            connection.firstReceiver(LoopConnection.NO_RECEIVER);
            uncount();
            rejected.add(connection);
            boolean mayStay = group.rejected().incrementAndGet() <= REJECTED_MAX;
            warnSometimes("refusing connections on " + address + ": " + refusal);
            ByteBuffer words = mayStay ? receiver.turnedAway(connection) : ByteBuffer.allocate(0);
            if (words.hasRemaining()) {
                connection.start(new RejectedConnection(words));
            } else {
                connection.finish(CloseReason.LIMIT, null);
            }
        }

        @Override
        public void acceptFailed(IOException cause) {
            // First of all: without a descriptor even telling may fail, and the listener must not spin meanwhile.
            if (pausedByFailure == null) {
                Duration pause = resumedByClose ? ACCEPT_PAUSE_AFTER_CLOSE : ACCEPT_PAUSE;
                resumedByClose = false;
                pausedByFailure =
                        loop.core().timerAt(loop.freshNanos() + pause.toNanos(), LoopListener.this::resumeAfterFailure);
                updateAccepting();
            }
            loop.observer().acceptFailed(address, cause);
            String what = NetworkError.of(cause) == WORST
                    ? "too many open files; raise the limit with ulimit -n"
                    : String.valueOf(cause.getMessage());
            warnSometimes("cannot accept on " + address + ": " + what + " (newcomers wait)");
        }
    }

    /** A flood of newcomers must not become a flood of lines. */
    private void warnSometimes(String message) {
        long now = loop.freshNanos();
        if (warnedNanos == null || now - warnedNanos >= WARN_EVERY_NANOS) {
            warnedNanos = now;
            loop.observer().warned(message);
        }
    }
}
