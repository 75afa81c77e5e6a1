package dev.parley.net;

import dev.parley.net.accept.LayeredChannel;
import dev.parley.net.core.LoopCore;
import dev.parley.net.time.Timer;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect to one endpoint, until the connection is established, or the attempt has failed or is dropped.
 * A Unix socket whose server's queue is full is tried again every 20 ms. Used on the loop's thread.
 */
final class ConnectAttempt {
    private static final Duration FULL_PAUSE = Duration.ofMillis(20);

    private final LoopCore loop;
    private final Connector connector;
    private final SocketAddress endpoint;
    private final ChannelSink sink;
    private @Nullable Channel channel;
    private @Nullable Timer again;
    private @Nullable IOException failure;

    /** The last report of the system that the server's queue is full; null if there was none. */
    private @Nullable IOException full;

    /** Starts to connect to an endpoint, with or without TLS. */
    interface Connector {
        Channel connect(SocketAddress endpoint, ChannelSink sink) throws IOException;
    }

    ConnectAttempt(LoopCore loop, Connector connector, SocketAddress endpoint, ChannelSink sink) {
        this.loop = loop;
        this.connector = connector;
        this.endpoint = endpoint;
        this.sink = sink;
    }

    SocketAddress endpoint() {
        return endpoint;
    }

    /** Returns true if the sink belongs to this attempt's channel. */
    @SuppressWarnings("ReferenceEquality") // each channel has its own sink
    boolean hears(ChannelSink of) {
        return sink == of;
    }

    /**
     * Starts to connect. If the server's queue is full, TCP waits in the kernel until the server accepts. A Unix socket
     * fails at once instead, so this class tries again after a pause.
     *
     * @param failedLater called if a later try of this attempt fails
     * @throws IOException if the attempt failed at once
     */
    void start(Runnable failedLater) throws IOException {
        try {
            channel = connector.connect(endpoint, sink);
            full = null;
        } catch (IOException e) {
            if (NetworkError.of(e) != NetworkError.BACKLOG_FULL) {
                throw e;
            }
            full = e;
            again = loop.timerAt(loop.freshNanos() + FULL_PAUSE.toNanos(), () -> startAgain(failedLater));
        } catch (RuntimeException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    private void startAgain(Runnable failedLater) {
        try {
            start(failedLater);
        } catch (IOException e) {
            failed(e);
            failedLater.run();
        }
    }

    void failed(IOException cause) {
        failure = cause;
        drop();
    }

    /**
     * Returns true if the socket has connected to itself, which counts as a failure. This can happen if no server
     * listens on the port, and the port is in the range of ports that the system gives to clients: the system may give
     * the socket the same port that it connects to (RFC 9293, section 3.5, simultaneous open). A reset frees the port
     * at once, for the server that belongs there.
     */
    boolean refusesItself() {
        Channel stands = channel;
        if (stands == null || !isSame(stands.localAddress(), stands.peerAddress())) {
            return false;
        }
        stands.reset();
        failed(new ConnectException("Connection refused: no server listens there, and the socket connected to itself"));
        return true;
    }

    private static boolean isSame(SocketAddress local, SocketAddress peer) {
        return local instanceof InetSocketAddress here
                && peer instanceof InetSocketAddress there
                && here.getPort() == there.getPort()
                && (there.getAddress().isAnyLocalAddress() || here.getAddress().equals(there.getAddress()));
    }

    /** Returns why the attempt failed; null if it has not failed. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Hands over the channel of an attempt that succeeded. From now on, the channel belongs to the connection. */
    Channel takeChannel() {
        Channel taken = Objects.requireNonNull(channel);
        channel = null;
        return taken;
    }

    void drop() {
        if (again != null) {
            again.cancel();
        }
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    /**
     * Returns the outcome of the attempt: its failure; if it has not failed, that the server's queue is full, or a
     * time-out.
     */
    ConnectFailedException.Attempt outcome() {
        IOException known = failure == null ? full : failure;
        if (known != null) {
            return ConnectFailedException.Attempt.of(endpoint, known);
        }
        boolean isSilent = channel instanceof LayeredChannel layered && layered.isShakingHands();
        return new ConnectFailedException.Attempt(
                endpoint,
                NetworkError.TIMED_OUT,
                isSilent ? ConnectFailedException.SILENT : NetworkError.TIMED_OUT.text());
    }
}
