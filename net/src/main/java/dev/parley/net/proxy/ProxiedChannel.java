package dev.parley.net.proxy;

import dev.parley.net.accept.HandshakePoller;
import dev.parley.net.accept.LayeredChannel;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.RefusedPeerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a proxy passes on. It takes the header off the bytes that arrive, and then hands all on between the
 * channel below and the layer above. All methods run on the loop's thread, except that {@link #write} may run on
 * another.
 */
final class ProxiedChannel extends LayeredChannel {
    private final HandshakePoller poller;
    private final AwaitedHeader awaited;
    private final Channel below;
    private final Below fromBelow = new Below();

    /** The bytes of a header that is not whole; null if none have arrived, and after the header. */
    private @Nullable ByteBuffer begun;

    /** The bytes that came with the header, until the layer above wants them; null if there are none. */
    private @Nullable ByteBuffer held;

    private volatile @Nullable InetSocketAddress claimed;

    private volatile boolean passedOn = true;

    /** The layer above; null until the header has come. */
    private @Nullable ChannelSink sink;

    private boolean wantsRead;
    private boolean endHeld;
    private boolean over;

    ProxiedChannel(HandshakePoller poller, AwaitedHeader awaited, Channel below) {
        this.poller = poller;
        this.awaited = awaited;
        this.below = below;
    }

    ChannelSink sinkOfChannelBelow() {
        return fromBelow;
    }

    // From below.

    /** The sink that the channel below calls. */
    private final class Below implements ChannelSink {
        @Override
        public void connected() {
            throw new IllegalStateException("an accepted connection was connected before");
        }

        @Override
        public void received(ByteBuffer bytes) {
            ChannelSink above = sink;
            if (over) {
                return;
            }
            if (above == null) {
                awaited.hasBytes();
                takeHeader(bytes);
            } else if (held == null) {
                above.received(bytes);
            } else {
                held = hold(held, bytes); // the layer above has asked for a read, and has not taken the first bytes yet
            }
        }

        @Override
        public void ended() {
            ChannelSink above = sink;
            if (over) {
                return;
            }
            if (above == null) {
                fail(new RefusedPeerException("it has ended before its PROXY header was whole"));
            } else if (held == null) {
                above.ended();
            } else {
                endHeld = true;
            }
        }

        @Override
        public void writable() {
            if (sink != null) {
                sink.writable();
            }
        }

        @Override
        public void heldBytesChanged() {
            if (sink != null) {
                sink.heldBytesChanged();
            }
        }

        @Override
        public void failed(IOException cause) {
            if (sink != null) {
                sink.failed(cause);
            } else {
                fail(cause);
            }
        }

        @Override
        public void sendFailed(IOException cause) {
            if (sink != null) {
                sink.sendFailed(cause);
            } else {
                fail(cause);
            }
        }
    }

    private void fail(IOException cause) {
        if (!over) {
            over = true;
            awaited.failed(cause);
        }
    }

    private void takeHeader(ByteBuffer bytes) {
        ByteBuffer all = begun == null ? bytes : hold(begun, bytes);
        try {
            ProxyHeader header = ProxyHeader.parse(all);
            if (header == null) {
                begun = begun == null
                        ? hold(ByteBuffer.allocate(ProxyHeader.BYTES_MAX).flip(), bytes)
                        : all;
                return;
            }
            begun = null;
            all.position(all.position() + header.lengthBytes());
            held = all.hasRemaining() ? hold(ByteBuffer.allocate(0), all) : null;
            claimed = header.source().orElse(null);
            passedOn = !header.isProxysOwn();
            below.wantRead(false);
            sink = awaited.established(this);
            handOn();
        } catch (RefusedPeerException e) {
            fail(e);
        }
    }

    /** Returns a buffer with the bytes of both, ready to be read: the first one, if it has room. */
    private static ByteBuffer hold(ByteBuffer first, ByteBuffer further) {
        if (first.capacity() - first.limit() < further.remaining()) {
            return ByteBuffer.allocate(first.remaining() + further.remaining())
                    .put(first)
                    .put(further)
                    .flip();
        }
        int start = first.position();
        int end = first.limit();
        first.limit(end + further.remaining()).position(end);
        return first.put(further).position(start);
    }

    /** Passes on the held bytes if they are wanted, and then goes on reading. */
    private void handOn() {
        ChannelSink above = sink;
        if (over || above == null || !wantsRead) {
            return;
        }
        deliverHeld(above);
        settle();
    }

    private void deliverHeld(ChannelSink above) {
        ByteBuffer bytes = held;
        held = null;
        if (bytes != null) {
            above.received(bytes.asReadOnlyBuffer());
        }
        if (endHeld && !over) {
            endHeld = false;
            above.ended();
        }
    }

    private void settle() {
        if (!over) {
            below.wantRead(wantsRead && held == null);
        }
    }

    // From above.

    @Override
    protected Channel below() {
        return below;
    }

    @Override
    public void wantRead(boolean wanted) {
        wantsRead = wanted;
        if (held == null) {
            settle();
        } else if (wanted) {
            poller.later(this::handOn); // the layer above must not be called while it calls
        }
    }

    @Override
    public boolean readNow() {
        ChannelSink above = sink;
        if (over || above == null) {
            return false;
        }
        if (held == null) {
            return below.readNow();
        }
        deliverHeld(above);
        settle();
        return true;
    }

    @Override
    public Optional<InetSocketAddress> claimedAddress() {
        return Optional.ofNullable(claimed);
    }

    @Override
    public boolean isPassedOn() {
        return passedOn;
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return below.peerCertificates();
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return below.write(bytes);
    }

    @Override
    public long write(ByteBuffer[] buffers, int count) throws IOException {
        return below.write(buffers, count);
    }

    @Override
    public int write(FileChannel file, long positionBytes, int countBytes) throws IOException {
        return below.write(file, positionBytes, countBytes);
    }

    @Override
    public void close(ByteBuffer last) {
        over = true;
        below.close(last);
    }

    @Override
    public void wantWrite(boolean wanted) {
        below.wantWrite(wanted);
    }

    @Override
    public long heldBytes() {
        ByteBuffer bytes = held;
        return below.heldBytes() + (bytes == null ? 0 : bytes.capacity());
    }

    @Override
    public void shutdownOutput() throws IOException {
        below.shutdownOutput();
    }

    @Override
    public void close() {
        over = true;
        below.close();
    }

    @Override
    public void reset() {
        over = true;
        below.reset();
    }
}
