package dev.parley.net.mem;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection inside the process. It reads from one pipe, writes to another one, and wakes the other end.
 */
final class MemChannel extends MemPoller.Ready implements Channel {
    private static final int READ_BYTES = 64 * 1024;

    private final MemAddress local;
    private final MemAddress peer;
    private final MemPipe incoming;
    private final MemPipe outgoing;
    private final Runnable onClose;

    /**
     * The poller of the loop that owns this end; null before it is accepted. It is set before the other end can wake
     * this end: for the client at the connect, for the server at the accept.
     */
    private volatile @Nullable MemPoller poller;

    private volatile @Nullable MemChannel other;
    private @Nullable ChannelSink sink;
    private volatile boolean wantsRead;
    private volatile boolean wantsWrite;
    private volatile boolean closed;
    private boolean notifyConnected;
    private boolean endNotified;
    private boolean outputEnded;

    private MemChannel(MemAddress local, MemAddress peer, MemPipe incoming, MemPipe outgoing, Runnable onClose) {
        this.local = local;
        this.peer = peer;
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.onClose = onClose;
    }

    static MemChannel connect(MemPoller poller, MemServerChannel server, ChannelSink sink, int pipeBytes)
            throws IOException {
        var there = new MemPipe(pipeBytes);
        var back = new MemPipe(pipeBytes);
        var unnamed = new MemAddress("");
        var client = new MemChannel(unnamed, server.localAddress(), back, there, () -> {});
        var accepted = new MemChannel(server.localAddress(), unnamed, there, back, server::acceptedClosed);
        client.other = accepted;
        accepted.other = client;
        client.sink = sink;
        client.poller = poller;
        client.notifyConnected = true;
        server.enqueue(accepted);
        poller.schedule(client);
        return client;
    }

    void accepted(MemPoller by, ChannelSink toTell) {
        sink = toTell;
        poller = by;
        by.schedule(this);
    }

    /** Calls the sink. Each callback may close the channel, so each step checks this again. */
    @Override
    void ready() {
        ChannelSink toTell = sink;
        if (toTell == null || closed) {
            return;
        }
        if (notifyConnected) {
            notifyConnected = false;
            toTell.connected();
        }
        if (!closed && wantsWrite && outgoing.writable()) {
            toTell.writable();
        }
        if (!closed && wantsRead && !endNotified && incoming.readable()) {
            read(toTell);
        }
        if (!closed && (wantsRead && !endNotified && incoming.readable() || wantsWrite && outgoing.writable())) {
            wake(this);
        }
    }

    @Override
    public boolean readNow() {
        ChannelSink toTell = sink;
        return toTell != null && !endNotified && incoming.readable() && read(toTell);
    }

    @Override
    void broke(Throwable thrown) {
        ChannelSink toTell = sink;
        if (toTell != null) {
            toTell.failed(new IOException("internal error", thrown));
        }
        close();
    }

    /** Reads once, and passes the result to the sink. Returns true if there may be more bytes. */
    private boolean read(ChannelSink toTell) {
        ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
        int count;
        try {
            count = incoming.read(bytes);
        } catch (IOException e) {
            wantsRead = false;
            toTell.failed(e);
            return false;
        }
        if (count > 0) {
            wake(other);
            toTell.received(bytes.flip().asReadOnlyBuffer());
            return true;
        }
        if (count < 0) {
            endNotified = true;
            toTell.ended();
        }
        return false;
    }

    private static void wake(@Nullable MemChannel channel) {
        MemPoller by = channel == null ? null : channel.poller;
        if (channel != null && by != null) {
            by.schedule(channel);
        }
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress peerAddress() {
        return peer;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (closed || outputEnded) {
            throw new ClosedChannelException();
        }
        int count = outgoing.write(bytes);
        if (count > 0) {
            wake(other);
        }
        return count;
    }

    @Override
    public void wantRead(boolean wanted) {
        wantsRead = wanted;
        if (wanted) {
            wake(this);
        }
    }

    @Override
    public void wantWrite(boolean wanted) {
        wantsWrite = wanted;
        if (wanted) {
            wake(this);
        }
    }

    @Override
    public void shutdownOutput() {
        outputEnded = true;
        outgoing.end();
        wake(other);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        sink = null;
        if (incoming.leave()) {
            outgoing.breakWith("Connection reset");
        }
        outgoing.end();
        onClose.run();
        wake(other);
    }

    /** Called if the server closes before it has accepted this connection: the peer gets a reset. */
    void abandon() {
        outgoing.breakWith("Connection reset");
        incoming.leave();
        closed = true;
        wake(other);
    }

    @Override
    public void reset() {
        if (!closed) {
            outgoing.breakWith("Connection reset");
            close();
        }
    }
}
