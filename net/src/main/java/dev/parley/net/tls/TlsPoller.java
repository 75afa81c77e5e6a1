package dev.parley.net.tls;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A poller that adds TLS to the channels of another poller, where it is wanted; it passes on all others. Each loop has
 * one. It also runs what a TLS channel must do on the loop's thread: after the expensive steps of a handshake, and when
 * the layer above reads again. Like every poller, it belongs to the loop's thread; users need not know it.
 */
public final class TlsPoller implements Poller {
    private final Poller below;
    private final Ticker ticker;
    private final Consumer<String> warned;
    private final RecordBuffers buffers = new RecordBuffers();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** The settings for all connects; null to speak TLS only where it is wanted. */
    private final @Nullable Tls forAll;

    /** The handshakes of accepted connections, the one that must end first in front. */
    private final TreeSet<AcceptedHandshake> handshakes = new TreeSet<>();

    /** The loop's thread; null until it uses this poller. */
    private volatile @Nullable Thread thread;

    private volatile long turns;

    /** Whether any channel speaks TLS. Until then, this poller only passes on. */
    private boolean usesTls;

    /**
     * Makes a poller that speaks TLS where it is wanted.
     *
     * @param below the poller of the loop's transport
     * @param ticker measures how long handshakes take
     * @param warned is called for what the operator should know, such as a certificate that ends soon; on any thread
     */
    public TlsPoller(Poller below, Ticker ticker, Consumer<String> warned) {
        this.below = below;
        this.ticker = ticker;
        this.warned = warned;
        forAll = null;
    }

    /** Makes a poller whose connects all speak TLS. */
    TlsPoller(Poller below, Tls forAll) {
        this.below = below;
        this.ticker = Ticker.SYSTEM;
        this.warned = message -> {};
        this.forAll = forAll;
    }

    /** Runs a task on the loop's thread, inside {@link #poll}. Any thread may call this. */
    void execute(Runnable task) {
        tasks.add(task);
        below.wakeup();
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /**
     * Returns the number of polls that have ended. What the loop's thread writes may leave only in the next poll, and
     * so surely has left when this number has grown by two.
     */
    long turns() {
        return turns;
    }

    /** Runs a task in the next turn. Called on the loop's thread. */
    void later(Runnable task) {
        tasks.add(task);
    }

    Ticker ticker() {
        return ticker;
    }

    RecordBuffers buffers() {
        return buffers;
    }

    Consumer<String> warned() {
        return warned;
    }

    void add(AcceptedHandshake handshake) {
        handshakes.add(handshake);
    }

    void remove(AcceptedHandshake handshake) {
        handshakes.remove(handshake);
    }

    /** Registers a channel as every poller does. The connections of a {@link TlsServerChannel} speak TLS. */
    @Override
    public void register(ServerChannel channel, AcceptSink sink) throws IOException {
        if (channel instanceof TlsServerChannel secured) {
            begin();
            below.register(secured.below(), new Accepting(this, secured, sink));
            HandshakeTasks.run(() -> secured.tls().context().warnOfExpiry(warned), () -> {});
        } else {
            below.register(channel, new Passing(sink));
        }
    }

    /** Passes on the connections of a channel without TLS. */
    private record Passing(AcceptSink sink) implements AcceptSink {
        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            sink.acceptedSocket(new Socket(acceptedSocket, null));
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            return sink.accepted(channel);
        }

        @Override
        public void acceptFailed(IOException cause) {
            sink.acceptFailed(cause);
        }

        @Override
        public void handshakeFailed(SocketAddress peer, IOException cause) {
            sink.handshakeFailed(peer, cause);
        }
    }

    /** Begins the handshake of each accepted connection. */
    private record Accepting(TlsPoller poller, TlsServerChannel listener, AcceptSink sink) implements AcceptSink {
        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            sink.acceptedSocket(new Socket(acceptedSocket, listener));
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            var handshake = new AcceptedHandshake(poller, listener, sink, channel);
            var accepted = new TlsChannel(poller, listener.tls(), handshake, channel);
            handshake.begin(accepted);
            accepted.begin();
            return accepted.sinkOfChannelBelow();
        }

        @Override
        public void acceptFailed(IOException cause) {
            sink.acceptFailed(cause);
        }

        @Override
        public void handshakeFailed(SocketAddress peer, IOException cause) {
            sink.handshakeFailed(peer, cause);
        }
    }

    /** A connection that goes to one of several loops, each of which has a poller of this kind. */
    private record Socket(AcceptedSocket below, @Nullable TlsServerChannel listener) implements AcceptedSocket {
        @Override
        public void join(Poller poller, AcceptSink sink) {
            var joined = (TlsPoller) poller;
            below.join(joined.below, listener == null ? sink : new Accepting(joined, listener, sink));
        }

        @Override
        public void refuse() {
            below.refuse();
        }
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        Tls tls = forAll;
        if (tls == null) {
            return below.connect(endpoint, options, sink);
        }
        String host = endpoint instanceof InetSocketAddress inet ? inet.getHostString() : "localhost";
        return connect(endpoint, tls, host, options, sink);
    }

    /**
     * Starts to connect as {@link #connect(SocketAddress, SocketOptions, ChannelSink)} does, and then to shake hands.
     * The sink hears of the connection when both have succeeded.
     *
     * @param endpoint an endpoint that the transport supports
     * @param tls the settings
     * @param host the host that the server's certificate must be for, unless the settings name another one
     * @param options the options of the new socket
     * @param sink the sink that the channel calls
     * @return the channel, which is not open yet
     * @throws IOException if the attempt failed at once; the sink is not called then
     */
    public Channel connect(SocketAddress endpoint, Tls tls, String host, SocketOptions options, ChannelSink sink)
            throws IOException {
        begin();
        int port = endpoint instanceof InetSocketAddress inet ? inet.getPort() : -1;
        var connecting = new TlsChannel(this, tls, host, port, sink);
        connecting.channelBelow(below.connect(endpoint, options, connecting.sinkOfChannelBelow()));
        return connecting;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes it
    public void poll(long timeoutNanos) throws IOException {
        if (!usesTls) {
            below.poll(timeoutNanos);
            return;
        }
        runTasks();
        below.poll(tasks.isEmpty() ? untilFirstDeadline(timeoutNanos) : 0);
        turns++;
        runTasks();
        endOverdueHandshakes();
    }

    /** Called on the loop's thread when a channel is about to speak TLS. */
    private void begin() {
        usesTls = true;
        thread = Thread.currentThread();
    }

    private long untilFirstDeadline(long timeoutNanos) {
        return handshakes.isEmpty() || !ticker.passesByItself()
                ? timeoutNanos
                : Math.clamp(handshakes.first().deadlineNanos() - ticker.nanos(), 0, timeoutNanos);
    }

    private void endOverdueHandshakes() {
        while (!handshakes.isEmpty() && handshakes.first().deadlineNanos() - ticker.nanos() <= 0) {
            handshakes.first().endAfterDeadline();
        }
    }

    private void runTasks() {
        for (int left = tasks.size(); left > 0; left--) {
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            }
        }
    }

    @Override
    public void wakeup() {
        below.wakeup();
    }

    @Override
    public long heldBytes() {
        return below.heldBytes();
    }

    @Override
    public void close() throws IOException {
        below.close();
    }
}
