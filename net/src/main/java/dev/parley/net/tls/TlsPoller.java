package dev.parley.net.tls;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A poller whose channels speak TLS over the channels of another poller. It also runs what a channel must do on the
 * loop's thread: after the expensive steps of a handshake, and when the layer above reads again.
 */
final class TlsPoller implements Poller {
    private final Poller below;
    private final Tls tls;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** For the bytes of one record after it was decrypted. Null while the layer above reads them. */
    private @Nullable ByteBuffer plain = ByteBuffer.allocate(0);

    /** The loop's thread; null until it uses this poller. */
    private volatile @Nullable Thread thread;

    private volatile long turns;

    TlsPoller(Poller below, Tls tls) {
        this.below = below;
        this.tls = tls;
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

    /** Takes an empty buffer for at least this many bytes. The channels of this loop share it. */
    ByteBuffer takePlain(int bytes) {
        ByteBuffer free = plain;
        plain = null;
        return free == null || free.capacity() < bytes ? ByteBuffer.allocate(bytes) : free.clear();
    }

    void givePlain(ByteBuffer used) {
        plain = used;
    }

    @Override
    public void register(ServerChannel channel, AcceptSink sink) throws IOException {
        below.register(((TlsServerChannel) channel).below(), new Accepting(this, sink));
    }

    /** Makes a channel of each accepted connection, and begins its handshake. */
    private record Accepting(TlsPoller poller, AcceptSink sink) implements AcceptSink {
        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            sink.acceptedSocket(new Socket(acceptedSocket));
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            var accepted = new TlsChannel(poller, poller.tls.serverEngine(), channel);
            accepted.begin(sink.accepted(accepted));
            return accepted.sinkOfChannelBelow();
        }

        @Override
        public void acceptFailed(IOException cause) {
            sink.acceptFailed(cause);
        }
    }

    /** A connection that goes to one of several loops, each of which has a poller of this kind. */
    private record Socket(AcceptedSocket below) implements AcceptedSocket {
        @Override
        public void join(Poller poller, AcceptSink sink) {
            var joined = (TlsPoller) poller;
            below.join(joined.below, sink instanceof Accepting ? sink : new Accepting(joined, sink));
        }

        @Override
        public void refuse() {
            below.refuse();
        }
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        thread = Thread.currentThread();
        var connecting = new TlsChannel(this, tls.clientEngine(endpoint), sink);
        connecting.channelBelow(below.connect(endpoint, options, connecting.sinkOfChannelBelow()));
        return connecting;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes it
    public void poll(long timeoutNanos) throws IOException {
        thread = Thread.currentThread();
        runTasks();
        below.poll(tasks.isEmpty() ? timeoutNanos : 0);
        turns++;
        runTasks();
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
