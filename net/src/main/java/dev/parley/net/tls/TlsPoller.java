package dev.parley.net.tls;

import dev.parley.net.accept.HandshakePoller;
import dev.parley.net.time.Ticker;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A poller that adds TLS to those channels of another poller that want it; it passes on all others. Each loop has one.
 * Like every poller, it belongs to the loop's thread; users need not know it.
 */
public final class TlsPoller extends HandshakePoller {
    private final Consumer<String> warned;
    private final Consumer<String> reloaded;
    private final RecordBuffers buffers = new RecordBuffers();

    /** The settings for all connects; null to speak TLS only if it is wanted. */
    private final @Nullable Tls forAll;

    /**
     * Makes a poller that speaks TLS if it is wanted.
     *
     * @param below the poller of the loop's transport
     * @param ticker measures how long handshakes take
     * @param warned is called for what the operator should know, such as a certificate that ends soon; on any thread
     */
    public TlsPoller(Poller below, Ticker ticker, Consumer<String> warned) {
        this(below, ticker, warned, message -> {});
    }

    /**
     * Makes a poller that speaks TLS where it is wanted.
     *
     * @param below the poller of the loop's transport
     * @param ticker measures how long handshakes take
     * @param warned is called for what the operator should know, such as a certificate that ends soon; on any thread
     * @param reloaded is called when changed files have come into use; on any thread
     */
    public TlsPoller(Poller below, Ticker ticker, Consumer<String> warned, Consumer<String> reloaded) {
        super(below, ticker);
        this.warned = warned;
        this.reloaded = reloaded;
        forAll = null;
    }

    /** Makes a poller whose connects all speak TLS. */
    TlsPoller(Poller below, Ticker ticker, Tls forAll) {
        super(below, ticker);
        this.warned = message -> {};
        this.reloaded = message -> {};
        this.forAll = forAll;
    }

    RecordBuffers buffers() {
        return buffers;
    }

    Consumer<String> warned() {
        return warned;
    }

    /** Looks at the files of these settings. Blocks, so no loop may call this. */
    void look(Tls tls) {
        tls.context().look(warned, reloaded);
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        Tls tls = forAll;
        if (tls == null) {
            return super.connect(endpoint, options, sink);
        }
        String host = endpoint instanceof InetSocketAddress inet ? inet.getHostString() : "localhost";
        return connect(endpoint, tls, host, options, sink);
    }

    /**
     * Starts to connect as {@link #connect(SocketAddress, SocketOptions, ChannelSink)} does, and then to shake hands.
     * The connection is reported to the sink when both have succeeded.
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
        connecting.channelBelow(below().connect(endpoint, options, connecting.sinkOfChannelBelow()));
        return connecting;
    }
}
