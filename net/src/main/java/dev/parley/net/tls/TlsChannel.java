package dev.parley.net.tls;

import dev.parley.net.accept.LayeredChannel;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection over TLS: a channel for the loop above, and the sink of a channel below, whose bytes it decrypts. It
 * shakes hands by itself, before the connection is reported to the layer above. All methods run on the loop's thread,
 * except that {@link #write} may run on another.
 */
final class TlsChannel extends LayeredChannel {
    private final TlsPoller poller;
    private final Tls tls;
    private final EncryptedInput input;
    private final EncryptedOutput output;
    private final Below fromBelow = new Below();

    /** The host and port to connect to; null and -1 for an accepted connection. */
    private final @Nullable String host;

    private final int port;

    /** The handshake of an accepted connection; null for one that connects. */
    private final @Nullable AcceptedTlsHandshake accepted;

    private @Nullable SSLEngine engine;
    private @Nullable Channel below;

    /** The layer above; null until the handshake of an accepted connection has ended. */
    private @Nullable ChannelSink sink;

    /** True while another thread runs steps of the handshake. The engine must not be used meanwhile. */
    private boolean busy;

    private boolean begun;
    private boolean established;

    /** Whose certificates were verified; read by any thread. */
    private volatile List<X509Certificate> peerCertificates = List.of();

    private boolean wantsRead;
    private boolean wantsWrite;
    private boolean readsNow;
    private boolean endedBelow;
    private boolean endNotified;
    private boolean shutdownDue;
    private boolean over;

    /** Makes the channel of an accepted connection. */
    TlsChannel(TlsPoller poller, Tls tls, AcceptedTlsHandshake accepted, Channel below) {
        this.poller = poller;
        this.tls = tls;
        this.accepted = accepted;
        this.below = below;
        this.input = new EncryptedInput(poller);
        this.output = new EncryptedOutput(poller);
        host = null;
        port = -1;
    }

    /** Makes a channel that connects. */
    TlsChannel(TlsPoller poller, Tls tls, String host, int port, ChannelSink sink) {
        this.poller = poller;
        this.tls = tls;
        this.host = host;
        this.port = port;
        this.sink = sink;
        this.input = new EncryptedInput(poller);
        this.output = new EncryptedOutput(poller);
        accepted = null;
    }

    ChannelSink sinkOfChannelBelow() {
        return fromBelow;
    }

    void channelBelow(Channel connecting) {
        below = connecting;
    }

    /**
     * Begins the handshake, if need be after a look at the files of the certificates. An accepted connection begins
     * with the first bytes of its peer: until then, it costs next to nothing.
     */
    private void begin() {
        begun = true;
        if (tls.context().isDueToLook()) {
            runElsewhere(HandshakeTasks::read, () -> poller.look(tls), this::beginWithEngine);
        } else {
            beginWithEngine();
        }
    }

    private void beginWithEngine() {
        try {
            SSLEngine made = host == null ? tls.serverEngine() : tls.clientEngine(host, port);
            engine = made;
            input.begin(made);
            output.begin(below(), made);
            made.beginHandshake();
            goOn();
        } catch (SSLException e) {
            fail(e);
        } catch (RuntimeException e) { // such as a host that cannot be a name in TLS
            fail(new SSLException(e.getMessage(), e));
        }
    }

    @Override
    protected Channel below() {
        return Objects.requireNonNull(below);
    }

    private SSLEngine engine() {
        return Objects.requireNonNull(engine);
    }

    private ChannelSink sink() {
        return Objects.requireNonNull(sink);
    }

    // From below.

    /** The sink that the channel below calls. */
    private final class Below implements ChannelSink {
        @Override
        public void connected() {
            begin();
        }

        @Override
        public void received(ByteBuffer bytes) {
            if (over) {
                return;
            }
            input.arrive(bytes);
            if (accepted != null && !begun) {
                accepted.hasBytes();
                begin();
            }
            goOn(); // also after the beginning, so that no more is read while another thread looks at the files
            if (over) {
                input.clear();
            }
            input.settle();
        }

        @Override
        public void ended() {
            endedBelow = true;
            goOn();
        }

        @Override
        public void writable() {
            TlsChannel.this.writable();
        }

        @Override
        public void heldBytesChanged() {
            if (sink != null) {
                sink.heldBytesChanged();
            }
        }

        @Override
        public void failed(IOException cause) {
            endBy(cause);
        }

        @Override
        public void sendFailed(IOException cause) {
            if (sink == null) {
                endBy(cause);
            } else if (!over) {
                sink.sendFailed(cause);
            }
        }
    }

    /**
     * Ends the connection: reports the cause to the layer above, or, before it knows of the connection, as a failed
     * handshake.
     */
    private void endBy(IOException cause) {
        if (over) {
            return;
        }
        over = true;
        if (sink != null) {
            sink.failed(cause);
        } else if (accepted != null) {
            accepted.failed(cause);
        }
    }

    // The handshake, and the records.

    /** Does all that can be done now: steps of the handshake, and decrypting what the layer above wants to read. */
    private void goOn() {
        try {
            while (!over && !busy && engine != null && step()) {}
            settle();
        } catch (SSLException e) {
            fail(e);
        } catch (IOException e) {
            endBy(e);
        }
    }

    /** Does one step. Returns false if nothing can be done before more bytes arrive, or another thread has finished. */
    private boolean step() throws IOException {
        return switch (engine().getHandshakeStatus()) {
            case NEED_TASK -> {
                runTasks();
                yield false;
            }
            case NEED_WRAP -> output.writeOwn();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
            case NOT_HANDSHAKING, FINISHED -> {
                if (!established) {
                    shakenHands();
                    yield true;
                }
                yield (wantsRead || readsNow) && !output.isHeldBack() && unwrap();
            }
        };
    }

    private void runTasks() throws SSLException {
        if (established && engine().getSession().getProtocol().equals("TLSv1.2")) {
            throw new SSLException("the peer begins a second handshake (renegotiation), which is not supported");
        }
        var tasks = new ArrayList<Runnable>();
        for (Runnable task = engine().getDelegatedTask(); task != null; task = engine().getDelegatedTask()) {
            tasks.add(task);
        }
        // An engine keeps the exceptions that they throw, and throws them later.
        runElsewhere(HandshakeTasks.computing(accepted != null), () -> tasks.forEach(Runnable::run), this::goOn);
    }

    /** Runs a task on another thread, and then goes on. Meanwhile, the engine is not used. */
    private void runElsewhere(BiConsumer<Runnable, Runnable> thread, Runnable task, Runnable then) {
        busy = true;
        if (accepted != null) {
            accepted.workBegins();
        }
        Runnable last = () -> {
            if (accepted != null) {
                accepted.workEnds(); // here, since the loop may have ended meanwhile, and others share the limit
            }
            poller.execute(() -> workEnded(then));
        };
        if (!poller.isInSystemTime()) {
            task.run(); // in simulated time, work on another thread would take no defined time
            last.run();
            return;
        }
        try {
            thread.accept(task, last);
        } catch (Throwable noThread) {
            busy = false;
            if (accepted != null) {
                accepted.workEnds();
            }
            throw noThread;
        }
    }

    private void workEnded(Runnable then) {
        busy = false;
        if (!over) {
            then.run();
        }
    }

    private void shakenHands() throws TlsException {
        peerCertificates = FinishedHandshake.peer(engine(), tls);
        established = true;
        output.established();
        if (accepted != null) {
            sink = accepted.established(this);
        } else {
            sink().connected();
        }
        if (wantsWrite && !over) {
            sink().writable();
        }
    }

    /** Decrypts the records that have arrived. Returns false if the next one is not whole. */
    private boolean unwrap() throws SSLException {
        SSLEngineResult last = input.decrypt(established, sink);
        if (last == null) {
            return false;
        }
        if (last.getStatus() == SSLEngineResult.Status.CLOSED) {
            endNotified();
            return !established; // then the next step finds that the handshake cannot be finished any more
        }
        return last.getStatus() == SSLEngineResult.Status.OK
                && (last.bytesConsumed() > 0
                        || last.bytesProduced() > 0
                        || last.getHandshakeStatus() == HandshakeStatus.FINISHED);
    }

    /** The peer has ended its direction by close_notify. */
    private void endNotified() {
        input.clear();
        if (!endNotified && established && !over) {
            endNotified = true;
            sink().ended();
        }
    }

    /** Adapts what is wanted of the channel below. */
    private void settle() throws IOException {
        if (over) {
            return;
        }
        if (endedBelow && !busy && !endNotified && (!established || wantsRead || readsNow)) {
            throw new TlsException(
                    Reason.TRUNCATED,
                    established
                            ? "the peer ended the connection without the end of TLS (close_notify), so bytes may be missing"
                            : accepted != null
                                    ? "the client ended the connection during the TLS handshake"
                                    : "the server ended the connection during the TLS handshake; does it speak TLS?");
        }
        boolean mayRead = !begun || engine != null && !busy;
        below().wantRead(mayRead && !endNotified && !endedBelow && (!established || wantsRead && !output.isHeldBack()));
        awaitRoom();
    }

    /** Asks to be called when the channel below takes bytes again, if there are bytes for it. */
    private void awaitRoom() {
        below().wantWrite(output.hasUnsent() || wantsWrite && established);
    }

    private void writable() {
        try {
            if (over || !output.flush()) {
                return;
            }
            if (shutdownDue) {
                shutdownDue = false;
                below().shutdownOutput();
            }
        } catch (IOException e) {
            fromBelow.sendFailed(e);
            return;
        }
        if (established && wantsWrite) {
            sink().writable();
        }
        goOn();
    }

    /** Ends the connection because the peer, or this side, did not accept something. The engine tells the peer why. */
    private void fail(SSLException cause) {
        if (over) {
            return;
        }
        TlsException explained =
                TlsFailure.explain(cause, host == null, tls, input.encrypted().duplicate());
        try {
            SSLEngine used = engine;
            while (used != null && used.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && output.writeOwn()) {}
        } catch (IOException notSent) {
            explained.addSuppressed(notSent);
        }
        endBy(explained);
    }

    // From above.

    @Override
    public boolean isShakingHands() {
        return begun && !established;
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    @Override
    public boolean peerSendsUnasked() {
        return true;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return (int) write(new ByteBuffer[] {bytes}, 1);
    }

    @Override
    public long write(ByteBuffer[] buffers, int count) throws IOException {
        return output.write(buffers, count);
    }

    @Override
    public void wantRead(boolean wanted) {
        if (wantsRead != wanted) {
            wantsRead = wanted;
            later();
        }
    }

    /** Goes on in the next turn: the layer above must not be called while it calls. */
    private void later() {
        if (!over) {
            poller.later(this::goOn);
        }
    }

    @Override
    public boolean readNow() {
        if (over || !established || busy || input.isDelivering() || readsNow || output.isHeldBack()) {
            return false;
        }
        readsNow = true;
        input.expectBytes();
        try {
            goOn();
            boolean more = true;
            while (!input.hasDelivered() && more && !over && !endNotified && !output.isHeldBack()) {
                more = below().readNow();
            }
            return input.hasDelivered();
        } finally {
            readsNow = false;
        }
    }

    @Override
    public void wantWrite(boolean wanted) {
        wantsWrite = wanted;
        if (!over && below != null) {
            awaitRoom();
        }
    }

    @Override
    public long heldBytes() {
        return input.heldBytes() + output.heldBytes() + below().heldBytes();
    }

    @Override
    public void shutdownOutput() throws IOException {
        output.end();
        if (output.flush()) {
            below().shutdownOutput();
        } else {
            shutdownDue = true;
            below().wantWrite(true);
        }
    }

    @Override
    public void close() {
        boolean hasEnd = !over && established;
        over = true;
        if (hasEnd) {
            output.close();
        } else {
            below().close();
        }
    }

    @Override
    public void reset() {
        over = true;
        below().reset();
    }
}
