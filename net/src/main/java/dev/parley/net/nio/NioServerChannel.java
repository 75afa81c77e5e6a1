package dev.parley.net.nio;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.RefusedPeerException;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One listening socket and, after its registration, its selection key. */
final class NioServerChannel implements ServerChannel, NioPoller.Ready {
    private static final SocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private final ServerSocketChannel socket;
    private final SocketAddress local;
    private final SocketOptions options;
    private final @Nullable UnixSocketFile file;
    private final boolean shared;
    private @Nullable SelectionKey key;
    private @Nullable AcceptSink sink;

    private NioServerChannel(
            ServerSocketChannel socket,
            SocketAddress local,
            SocketOptions options,
            @Nullable UnixSocketFile file,
            boolean shared) {
        this.shared = shared;
        this.socket = socket;
        this.local = local;
        this.options = options;
        this.file = file;
    }

    static NioServerChannel bindTcp(InetSocketAddress endpoint, SocketOptions options) throws IOException {
        ServerSocketChannel socket = open(endpoint);
        try {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
            if (options.receiveBufferBytes() > 0) {
                socket.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
            }
            socket.bind(endpoint, options.backlogConnections());
            return new NioServerChannel(socket, socket.getLocalAddress(), options, null, false);
        } catch (Throwable e) {
            socket.close();
            throw e;
        }
    }

    private static ServerSocketChannel open(InetSocketAddress endpoint) throws IOException {
        try {
            return ServerSocketChannel.open(NioChannel.family(endpoint));
        } catch (UnsupportedOperationException e) {
            throw new SocketException("Address family not supported");
        }
    }

    static NioServerChannel bindUnix(Path path, SocketOptions options) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            UnixSocketFile file = UnixSocketFile.bind(
                    path,
                    options.unixAccess(),
                    at -> socket.bind(UnixDomainSocketAddress.of(at), options.backlogConnections()));
            return new NioServerChannel(socket, UnixDomainSocketAddress.of(path), options, file, false);
        } catch (Throwable e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Creates the channel of the socket that is standard input. The socket is never closed, because the JDK would also
     * close standard output and standard error.
     */
    static NioServerChannel inherited(SocketOptions options) throws IOException {
        if (System.inheritedChannel() instanceof ServerSocketChannel socket) {
            return new NioServerChannel(socket, socket.getLocalAddress(), options, null, true);
        }
        throw new SocketException("standard input is not a listening socket");
    }

    /**
     * Creates a second channel for the same socket. The JDK allows a socket to be registered with several selectors,
     * each with its own key.
     */
    @Override
    public ServerChannel share() {
        return new NioServerChannel(socket, local, options, null, true);
    }

    void register(NioPoller with, AcceptSink toTell) throws IOException {
        sink = toTell;
        socket.configureBlocking(false);
        key = socket.register(with.selector, SelectionKey.OP_ACCEPT, this);
    }

    @Override
    public void ready(SelectionKey ready) {
        AcceptSink toTell = sink;
        if (toTell == null) {
            return;
        }
        // Further connections stay in the backlog, and the selector reports them again.
        for (int left = AcceptSink.ACCEPTS_PER_TURN; left > 0 && wantsAccept(ready); left--) {
            SocketChannel accepted;
            try {
                accepted = socket.accept();
            } catch (ClosedChannelException stopped) {
                return; // the loop of the listener that this one shares a socket with has closed it, and we close too
            } catch (IOException e) {
                toTell.acceptFailed(e);
                return;
            } catch (InvalidPathException unreadableName) {
                continue; // this locale cannot read the name of this Unix peer: only this connection is lost
            }
            if (accepted == null) {
                return;
            }
            toTell.acceptedSocket(new Accepted(accepted));
        }
    }

    /** Returns false if the user wants no more connections, or another loop has closed the socket that it shares. */
    private static boolean wantsAccept(SelectionKey key) {
        try {
            return key.interestOps() != 0;
        } catch (CancelledKeyException closed) {
            return false;
        }
    }

    @Override
    public void broke(Throwable thrown) {
        // The sink pauses accepting before it reports a failure, so accepting is tried again, but not at once.
        System.getLogger("dev.parley").log(System.Logger.Level.ERROR, "accepting on " + local, thrown);
    }

    /** An accepted socket that is not registered with a selector yet. */
    private final class Accepted implements AcceptedSocket {
        private final SocketChannel socket;

        Accepted(SocketChannel socket) {
            this.socket = socket;
        }

        /** Makes the socket a channel. If the peer has already reset the connection, only this connection is lost. */
        @Override
        public void join(Poller poller, AcceptSink toTell) {
            NioChannel channel;
            try {
                channel = NioChannel.accepted((NioPoller) poller, socket, local, options);
                if (options.unixAccess().limitsUsers() && local instanceof UnixDomainSocketAddress) {
                    options.unixAccess().check(channel.peerCredentials());
                }
            } catch (RefusedPeerException e) {
                refuse();
                toTell.refused(UNNAMED, e);
                return;
            } catch (IOException | RuntimeException goneAlready) {
                refuse();
                return;
            } catch (Throwable noMemory) {
                refuse();
                throw noMemory;
            }
            try {
                channel.attach(toTell.accepted(channel));
            } catch (Throwable thrown) {
                channel.close();
                throw thrown;
            }
        }

        @Override
        public void refuse() {
            try {
                socket.close();
            } catch (IOException e) {
                return; // close(2) frees the descriptor even if it reports an error
            }
        }
    }

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public EndpointFile file() {
        return file == null ? EndpointFile.NONE : file.look();
    }

    @Override
    public void wantAccept(boolean wanted) {
        try {
            if (key != null) {
                key.interestOps(wanted ? SelectionKey.OP_ACCEPT : 0);
            }
        } catch (CancelledKeyException closed) {
            return; // by this channel, or by the loop that owns the socket
        }
    }

    @Override
    public void close() {
        sink = null;
        if (shared) {
            if (key != null) {
                key.cancel();
            }
            return;
        }
        if (file != null) {
            file.remove();
        }
        try {
            socket.close();
        } catch (IOException e) {
            return; // close(2) frees the descriptor even if it reports an error
        }
    }
}
