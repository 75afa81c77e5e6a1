package dev.parley.net.tls;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection over TLS: a channel for the loop above, and the sink of a channel below, whose bytes it decrypts. It
 * shakes hands by itself, before the layer above may write. All methods run on the loop's thread, except that {@link
 * #write} may run on another.
 */
final class TlsChannel implements Channel {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TlsPoller poller;
    private final SSLEngine engine;
    private final EncryptedOutput output;
    private final Below fromBelow = new Below();
    private @Nullable Channel below;
    private @Nullable ChannelSink sink;

    /** The bytes that have arrived and are not decrypted yet. */
    private ByteBuffer unread = NOTHING;

    /** True while another thread runs steps of the handshake. The engine must not be used meanwhile. */
    private boolean busy;

    private boolean begun;
    private boolean established;
    private boolean wantsRead;
    private boolean wantsWrite;
    private boolean delivering;
    private boolean delivered;
    private boolean readsNow;
    private boolean endedBelow;
    private boolean endTold;
    private boolean shutdownDue;
    private boolean over;

    /** Makes the channel of an accepted connection. */
    TlsChannel(TlsPoller poller, SSLEngine engine, Channel below) {
        this.poller = poller;
        this.engine = engine;
        this.output = new EncryptedOutput(engine, poller);
        this.below = below;
        output.begin(below);
    }

    /** Makes a channel that connects. */
    TlsChannel(TlsPoller poller, SSLEngine engine, ChannelSink sink) {
        this.poller = poller;
        this.engine = engine;
        this.output = new EncryptedOutput(engine, poller);
        this.sink = sink;
    }

    ChannelSink sinkOfChannelBelow() {
        return fromBelow;
    }

    void channelBelow(Channel connecting) {
        below = connecting;
        output.begin(connecting);
    }

    /** Begins the handshake of an accepted connection. */
    void begin(ChannelSink above) {
        sink = above;
        if (!over) {
            begin();
        }
    }

    private void begin() {
        begun = true;
        try {
            engine.beginHandshake();
            goOn();
        } catch (SSLException e) {
            fail(e);
        }
    }

    private Channel below() {
        return Objects.requireNonNull(below);
    }

    private ChannelSink sink() {
        return Objects.requireNonNull(sink);
    }

    // From below.

    /** What the channel below calls. */
    private final class Below implements ChannelSink {
        @Override
        public void connected() {
            begin();
        }

        @Override
        public void received(ByteBuffer bytes) {
            if (!over) {
                keep(bytes);
                goOn();
            }
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
            sink().heldBytesChanged();
        }

        @Override
        public void failed(IOException cause) {
            over = true;
            sink().failed(cause);
        }

        @Override
        public void sendFailed(IOException cause) {
            sink().sendFailed(cause);
        }
    }

    /** Keeps the bytes behind those that wait already. The buffer at least doubles, so single bytes cost little. */
    private void keep(ByteBuffer bytes) {
        int length = unread.remaining() + bytes.remaining();
        if (unread.capacity() - unread.limit() < bytes.remaining()) {
            unread = ByteBuffer.allocate(Math.max(length, Math.min(2 * unread.capacity(), length + 16_384)))
                    .put(unread)
                    .put(bytes)
                    .flip();
        } else {
            int at = unread.limit();
            unread.limit(at + bytes.remaining()).put(at, bytes, bytes.position(), bytes.remaining());
            bytes.position(bytes.limit());
        }
    }

    // The handshake, and the records.

    /** Does all that can be done now: steps of the handshake, and decrypting what the layer above wants to read. */
    private void goOn() {
        try {
            while (!over && !busy && begun && step()) {}
            settle();
        } catch (SSLException e) {
            fail(e);
        } catch (IOException e) {
            over = true;
            sink().failed(e);
        }
    }

    /** Does one step. Returns false if nothing can be done before more bytes arrive, or another thread has finished. */
    private boolean step() throws IOException {
        return switch (engine.getHandshakeStatus()) {
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
                yield (wantsRead || readsNow) && unwrap();
            }
        };
    }

    private void runTasks() {
        var tasks = new ArrayList<Runnable>();
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            tasks.add(task);
        }
        busy = true;
        HandshakeTasks.run(
                tasks,
                () -> poller.execute(() -> {
                    busy = false;
                    goOn();
                }));
    }

    private void shakenHands() {
        established = true;
        output.established();
        if (engine.getUseClientMode()) {
            sink().connected();
        }
        if (wantsWrite && !over) {
            sink().writable();
        }
    }

    /** Decrypts one record. Returns false if it is not whole yet. */
    private boolean unwrap() throws SSLException {
        if (!unread.hasRemaining() || delivering) {
            return false;
        }
        ByteBuffer plain = poller.takePlain(engine.getSession().getApplicationBufferSize());
        SSLEngineResult result;
        delivering = true;
        try {
            result = engine.unwrap(unread, plain);
            if (!unread.hasRemaining()) {
                unread = NOTHING;
            }
            if (plain.flip().hasRemaining()) {
                delivered = true;
                sink().received(plain.asReadOnlyBuffer());
            }
        } finally {
            delivering = false;
            poller.givePlain(plain);
        }
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            endTold();
            return false;
        }
        return result.getStatus() == SSLEngineResult.Status.OK
                && (result.bytesConsumed() > 0
                        || result.bytesProduced() > 0
                        || result.getHandshakeStatus() == HandshakeStatus.FINISHED);
    }

    /** The peer has ended its direction by close_notify. */
    private void endTold() {
        unread = NOTHING;
        if (!endTold && established && !over) {
            endTold = true;
            sink().ended();
        }
    }

    /** Adapts what is wanted of the channel below. */
    private void settle() throws IOException {
        if (over) {
            return;
        }
        if (endedBelow && !busy && !endTold && (!established || wantsRead || readsNow)) {
            throw new EOFException(
                    established
                            ? "the peer ended the connection without the end of TLS (close_notify), so bytes may be missing"
                            : "the peer ended the connection during the TLS handshake");
        }
        below().wantRead(begun && !busy && !endTold && !endedBelow && (!established || wantsRead));
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
            sink().sendFailed(e);
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
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && output.writeOwn()) {}
        } catch (IOException notTold) {
            cause.addSuppressed(notTold);
        }
        over = true;
        sink().failed(cause);
    }

    // From above.

    @Override
    public SocketAddress localAddress() {
        return below().localAddress();
    }

    @Override
    public SocketAddress peerAddress() {
        return below().peerAddress();
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
        if (over || !established || busy || delivering || readsNow) {
            return false;
        }
        readsNow = true;
        delivered = false;
        try {
            goOn();
            boolean more = true;
            while (!delivered && more && !over && !endTold) {
                more = below().readNow();
            }
            return delivered;
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
        return unread.capacity() + output.heldBytes() + below().heldBytes();
    }

    @Override
    public long unsentBytes() {
        return below().unsentBytes();
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
        if (!over && established) {
            try {
                output.end();
                output.flush();
            } catch (IOException broken) {
                over = true; // the peer is gone, or reads an end that is not announced
            }
        }
        over = true;
        below().close();
    }

    @Override
    public void reset() {
        over = true;
        below().reset();
    }
}
