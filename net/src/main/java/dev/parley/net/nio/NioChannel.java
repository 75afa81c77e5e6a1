package dev.parley.net.nio;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.PeerCredentials;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One non-blocking socket and its selection key. If the socket is ready for both reading and writing, it is written to
 * first.
 */
final class NioChannel implements Channel, NioPoller.Ready {
    /**
     * The maximum size of one write from a heap buffer. The JDK copies the bytes of such a write into a direct buffer
     * of the same size, which it keeps for each thread. Writing in pieces keeps these direct buffers small.
     */
    private static final int HEAP_WRITE_BYTES = 64 * 1024;

    private final NioPoller poller;
    private final SocketChannel socket;
    private final SocketAddress peer;
    private final SelectionKey key;
    private SocketAddress local;
    private volatile @Nullable PeerCredentials credentials;
    private @Nullable ChannelSink sink;

    private NioChannel(NioPoller poller, SocketChannel socket, SocketAddress local, SocketAddress peer, int interest)
            throws IOException {
        this.poller = poller;
        this.socket = socket;
        this.peer = peer;
        this.local = local;
        this.key = socket.register(poller.selector, interest, this);
    }

    /**
     * Creates the channel of a socket that {@link NioServerChannel} has accepted; {@link #attach} is called afterwards.
     */
    static NioChannel accepted(NioPoller poller, SocketChannel socket, SocketAddress listening, SocketOptions options)
            throws IOException {
        SocketAddress peer = socket.getRemoteAddress();
        configure(socket, peer, options);
        // For a Unix socket, the kernel reports the temporary path at which the listener was bound (see
        // UnixSocketFile). Clients use the listener's final path.
        SocketAddress local = peer instanceof UnixDomainSocketAddress ? listening : socket.getLocalAddress();
        return new NioChannel(poller, socket, local, peer, 0);
    }

    static NioChannel connect(NioPoller poller, SocketAddress endpoint, SocketOptions options, ChannelSink sink)
            throws IOException {
        SocketChannel socket = open(endpoint);
        try {
            configure(socket, endpoint, options);
            boolean connected = socket.connect(endpoint);
            var channel = new NioChannel(
                    poller,
                    socket,
                    localAddressOf(socket, endpoint),
                    endpoint,
                    connected ? 0 : SelectionKey.OP_CONNECT);
            channel.attach(sink);
            return channel;
        } catch (Throwable e) {
            socket.close();
            throw e;
        }
    }

    private static SocketChannel open(SocketAddress endpoint) throws IOException {
        try {
            return SocketChannel.open(family(endpoint));
        } catch (UnsupportedOperationException e) {
            throw new SocketException("Address family not supported");
        }
    }

    static ProtocolFamily family(SocketAddress endpoint) {
        if (endpoint instanceof UnixDomainSocketAddress) {
            return StandardProtocolFamily.UNIX;
        }
        return ((InetSocketAddress) endpoint).getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }

    private static void configure(SocketChannel socket, SocketAddress peer, SocketOptions options) throws IOException {
        socket.configureBlocking(false);
        if (options.noDelay() && peer instanceof InetSocketAddress) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (options.receiveBufferBytes() > 0) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
        }
        if (options.sendBufferBytes() > 0) {
            socket.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferBytes());
        }
    }

    /**
     * Returns the address of our own end. The channel keeps it, because the JDK knows it only while the socket is open.
     */
    private static SocketAddress localAddressOf(SocketChannel socket, SocketAddress whileUnknown) throws IOException {
        SocketAddress known = socket.getLocalAddress();
        return known == null ? whileUnknown : known;
    }

    void attach(ChannelSink toTell) {
        this.sink = toTell;
    }

    boolean isConnected() {
        return socket.isConnected();
    }

    void notifyConnected() {
        if (sink != null && socket.isOpen()) {
            sink.connected();
        }
    }

    /**
     * Handles a ready socket. Each step may close the channel, directly or in a callback, which makes the key invalid.
     */
    @Override
    public void ready(SelectionKey ready) {
        if (sink == null || !ready.isValid()) {
            return;
        }
        int operations = ready.readyOps();
        if ((operations & SelectionKey.OP_CONNECT) != 0) {
            finishConnect(sink);
            return;
        }
        // Write first: this empties the queue, and may end the pause of reading that a full queue causes.
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            sink.writable();
        }
        if ((operations & SelectionKey.OP_READ) != 0 && ready.isValid() && wants(SelectionKey.OP_READ)) {
            read(sink);
        }
    }

    private void finishConnect(ChannelSink toTell) {
        try {
            if (!socket.finishConnect()) {
                return;
            }
            key.interestOps(0);
            local = localAddressOf(socket, peer);
        } catch (IOException e) {
            toTell.failed(e);
            return;
        }
        toTell.connected();
    }

    @Override
    public boolean readNow() {
        return sink != null && read(sink);
    }

    @Override
    public void broke(Throwable thrown) {
        ChannelSink toTell = sink;
        if (toTell != null) {
            toTell.failed(new IOException("internal error", thrown));
        }
        close();
    }

    /** Reads once, and returns true if there may be more. */
    private boolean read(ChannelSink toTell) {
        ByteBuffer input = poller.input.clear();
        int count;
        try {
            count = socket.read(input);
        } catch (IOException e) {
            wantRead(false);
            toTell.failed(e);
            return false;
        }
        if (count > 0) {
            toTell.received(poller.inputView.clear().limit(count).order(ByteOrder.BIG_ENDIAN));
            return true;
        } else if (count < 0) {
            wantRead(false);
            toTell.ended();
        }
        return false;
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress peerAddress() {
        return peer;
    }

    /** Asks the system once, when the first caller wants to know: it may look for names in files or in a directory. */
    @Override
    public Optional<PeerCredentials> peerCredentials() {
        if (credentials == null && peer instanceof UnixDomainSocketAddress) {
            credentials = UnixPeer.credentials(socket).orElse(null);
        }
        return Optional.ofNullable(credentials);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        if (bytes.isDirect() || bytes.remaining() <= HEAP_WRITE_BYTES) {
            return socket.write(bytes);
        }
        int end = bytes.limit();
        int written = 0;
        try {
            while (bytes.position() < end) {
                int piece = Math.min(HEAP_WRITE_BYTES, end - bytes.position());
                int count = socket.write(bytes.limit(bytes.position() + piece));
                written += count;
                if (count < piece) {
                    break;
                }
            }
        } finally {
            bytes.limit(end);
        }
        return written;
    }

    @Override
    public long write(ByteBuffer[] buffers, int count) throws IOException {
        return socket.write(buffers, 0, count);
    }

    private boolean wants(int operation) {
        return (key.interestOps() & operation) != 0;
    }

    private void want(int operation, boolean wanted) {
        if (!key.isValid()) {
            return;
        }
        int before = key.interestOps();
        int after = wanted ? before | operation : before & ~operation;
        if (after != before) {
            key.interestOps(after);
        }
    }

    @Override
    public int write(FileChannel file, long positionBytes, int countBytes) throws IOException {
        return (int) file.transferTo(positionBytes, countBytes, socket);
    }

    @Override
    public void wantRead(boolean wanted) {
        want(SelectionKey.OP_READ, wanted);
    }

    @Override
    public void wantWrite(boolean wanted) {
        want(SelectionKey.OP_WRITE, wanted);
    }

    @Override
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() {
        sink = null;
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // close(2) frees the descriptor even if it reports an error, and there is no one left to notify.
            return;
        }
    }

    @Override
    public void reset() {
        if (peer instanceof InetSocketAddress && socket.isOpen()) {
            try {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException alreadyBroken) {
                close();
                return;
            }
        }
        close();
    }
}
