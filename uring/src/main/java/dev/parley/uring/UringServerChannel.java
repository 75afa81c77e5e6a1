package dev.parley.uring;

import dev.parley.net.nio.UnixSocketFile;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.RefusedPeerException;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One listening socket, and the submission that accepts connections for one loop until it is cancelled. Each loop that
 * shares the socket has its own submission. For each connection, the kernel wakes one of the loops, most often the same
 * one, and the sink decides to which loop the connection belongs.
 */
final class UringServerChannel extends RingHandle implements ServerChannel {
    private final SocketAddress local;
    private final @Nullable UnixSocketFile file;
    private final SocketOptions options;
    private int descriptor;
    private @Nullable UringCore core;
    private @Nullable AcceptSink sink;
    private boolean wantsAccept = true;
    private boolean accepting;
    private boolean cancelling;
    private boolean attends;

    /**
     * The accepted sockets that were not passed on yet, because more were accepted than one poll passes on, or because
     * they were accepted before a cancel took effect.
     */
    private final ArrayDeque<Integer> deferred = new ArrayDeque<>();

    private UringServerChannel(
            int descriptor, SocketAddress local, @Nullable UnixSocketFile file, SocketOptions options) {
        this.options = options;
        this.descriptor = descriptor;
        this.local = local;
        this.file = file;
    }

    static UringServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var sockets = new Sockets(arena);
            int descriptor = sockets.open(endpoint, options);
            try {
                if (endpoint instanceof UnixDomainSocketAddress unix) {
                    Path path = unix.getPath();
                    UnixSocketFile file = UnixSocketFile.bind(path, options.unixAccess(), at -> {
                        sockets.bind(descriptor, UnixDomainSocketAddress.of(at), options);
                        sockets.listen(descriptor, options);
                    });
                    return new UringServerChannel(descriptor, endpoint, file, options);
                }
                sockets.bind(descriptor, endpoint, options);
                sockets.listen(descriptor, options);
                return new UringServerChannel(descriptor, sockets.localAddress(descriptor), null, options);
            } catch (Throwable thrown) {
                sockets.close(descriptor);
                throw thrown;
            }
        }
    }

    /** Creates the channel of the listening socket that is standard input, with a duplicate of its descriptor. */
    static UringServerChannel adopt(SocketOptions options) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var sockets = new Sockets(arena);
            int descriptor = sockets.adopt(options);
            return new UringServerChannel(descriptor, sockets.localAddress(descriptor), null, options);
        }
    }

    /**
     * Creates a channel with a duplicate of the descriptor. With the same number, the other loop could accept from
     * another socket, which has got this number after the socket of this channel was closed.
     */
    @Override
    public ServerChannel share() {
        try (Arena arena = Arena.ofConfined()) {
            return new UringServerChannel(new Sockets(arena).duplicate(descriptor), local, null, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void register(UringCore with, AcceptSink toNotify) {
        core = with;
        sink = toNotify;
        with.enroll(this);
        acceptIfWanted();
    }

    private void acceptIfWanted() {
        UringCore with = core;
        if (with != null && wantsAccept && !accepting && descriptor >= 0) {
            accepting = true;
            began();
            Submissions.accept(with.ring(), descriptor, Operation.ACCEPT.tag(number()));
        }
    }

    private void cancelAccept(UringCore with) {
        if (accepting && !cancelling) {
            cancelling = true;
            Submissions.cancel(with.ring(), Operation.ACCEPT.tag(number()));
        }
    }

    @Override
    void completed(Operation operation, int result, int flags) {
        if (!Ring.hasMore(flags)) {
            accepting = false;
            cancelling = false;
        }
        UringCore with = core;
        AcceptSink toNotify = sink;
        if (with == null) {
            throw new IllegalStateException("accepted without a loop");
        }
        try {
            if (toNotify != null) {
                notifySink(with, toNotify, result);
            } else if (result >= 0) {
                with.sockets().close(result);
            }
        } finally {
            acceptIfWanted(); // even if the sink has thrown
        }
    }

    private void notifySink(UringCore with, AcceptSink toNotify, int result) {
        if (result >= 0 && wantsAccept && deferred.isEmpty() && with.takesAccepted()) {
            toNotify.acceptedSocket(new Accepted(result));
        } else if (result >= 0) {
            deferred.addLast(result);
            attendLater(with);
        } else if (result != -Kernel.ECANCELED) {
            toNotify.acceptFailed(Sockets.failure("accept", -result));
        }
    }

    /** An accepted socket that belongs to no ring yet. */
    private final class Accepted implements AcceptedSocket {
        private final int accepted;

        Accepted(int accepted) {
            this.accepted = accepted;
        }

        /** Creates the channel. If the peer has already reset the connection, only this connection is lost. */
        @Override
        public void join(Poller joined, AcceptSink toNotify) {
            UringCore with = ((UringPoller) joined).core();
            UringChannel channel;
            try {
                PeerName peer = with.sockets().peerName(accepted);
                if (!mayConnect(peer, toNotify)) {
                    with.sockets().close(accepted);
                    return;
                }
                if (local instanceof UnixDomainSocketAddress) {
                    with.sockets().setSendBuffer(accepted, options); // not inherited, other than over TCP
                }
                channel = UringChannel.accepted(with, accepted, localOf(with, accepted), peer);
            } catch (IOException | RuntimeException goneAlready) {
                with.sockets().close(accepted);
                return;
            } catch (Throwable thrown) {
                with.sockets().close(accepted);
                throw thrown;
            }
            attach(channel, toNotify);
        }

        private static void attach(UringChannel channel, AcceptSink toNotify) {
            try {
                channel.attach(toNotify.accepted(channel));
            } catch (Throwable thrown) {
                channel.close();
                throw thrown;
            }
        }

        private boolean mayConnect(PeerName peer, AcceptSink toNotify) {
            try {
                if (local instanceof UnixDomainSocketAddress) {
                    options.unixAccess().check(peer.credentials());
                }
                return true;
            } catch (RefusedPeerException e) {
                toNotify.refused(peer.address(), e);
                return false;
            }
        }

        @Override
        public void refuse() {
            try (Arena arena = Arena.ofConfined()) {
                new Sockets(arena).close(accepted);
            }
        }
    }

    /**
     * Returns the local address of a connection. It is the same for all connections, unless the socket listens on every
     * interface.
     */
    private SocketAddress localOf(UringCore with, int accepted) throws IOException {
        boolean every =
                local instanceof InetSocketAddress inet && inet.getAddress().isAnyLocalAddress();
        return every ? with.sockets().localAddress(accepted) : local;
    }

    @Override
    void attend() {
        attends = false;
        UringCore with = core;
        AcceptSink toNotify = sink;
        if (with == null || toNotify == null) {
            return;
        }
        try {
            while (wantsAccept && !deferred.isEmpty() && with.takesAccepted()) {
                toNotify.acceptedSocket(new Accepted(deferred.removeFirst()));
            }
        } finally {
            attendLater(with); // even if the sink has thrown
            acceptIfWanted();
        }
    }

    /** Makes the next turns pass on the deferred sockets. */
    private void attendLater(UringCore with) {
        if (wantsAccept && !attends && !deferred.isEmpty()) {
            attends = true;
            with.attendLater(this);
        }
    }

    @Override
    void broke(Throwable thrown) {
        // The sink pauses accepting before it reports a failure, so accepting is tried again, but not at once.
        System.getLogger("dev.parley").log(System.Logger.Level.ERROR, "accepting on " + local, thrown);
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
        UringCore with = core;
        if (with == null || sink == null || wanted == wantsAccept) {
            return;
        }
        wantsAccept = wanted;
        if (!wanted) {
            cancelAccept(with);
        } else if (deferred.isEmpty()) {
            acceptIfWanted();
        } else {
            attendLater(with);
        }
    }

    @Override
    public void close() {
        if (descriptor < 0) {
            return;
        }
        sink = null;
        if (file != null) {
            file.remove();
        }
        int closing = descriptor;
        descriptor = -1;
        UringCore with = core;
        if (with == null) {
            closeUnregistered(closing);
            return;
        }
        closeDeferred(with);
        cancelAccept(with);
        Submissions.close(with.ring(), closing);
        with.leave(this);
    }

    private void closeDeferred(UringCore with) {
        for (int accepted : deferred) {
            with.sockets().close(accepted);
        }
        deferred.clear();
    }

    private static void closeUnregistered(int closing) {
        try (Arena arena = Arena.ofConfined()) {
            new Sockets(arena).close(closing);
        }
    }

    @Override
    void abandon() {
        UringCore with = core;
        if (with != null && descriptor >= 0) {
            sink = null;
            closeDeferred(with);
            with.sockets().close(descriptor);
            descriptor = -1;
        }
    }

    @Override
    boolean isOver() {
        return descriptor < 0;
    }
}
