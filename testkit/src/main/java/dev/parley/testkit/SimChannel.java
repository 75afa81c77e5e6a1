package dev.parley.testkit;

import dev.parley.net.mem.MemAddress;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One end of a simulated connection. The clock's monitor guards its state, and the state of the objects in its fields.
 */
final class SimChannel implements Channel, SimPoller.Ready {
    private static final int READ_BYTES = 64 * 1024;
    private static final String RESET = "Connection reset";

    /** The time after which a connect is repeated if the listener's backlog is full, as TCP does. */
    private static final long ASK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

    private final SimWire wire;
    private final SimClock clock;
    private final SimHost host;
    private final MemAddress local;
    private final MemAddress peer;
    private final SimPipe out;
    private final int capacityBytes;
    private @Nullable SimPoller poller;
    private @Nullable SimChannel other;
    private @Nullable ChannelSink sink;

    /** The bytes that have arrived but were not read yet. The other end counts all of them as under way. */
    private final Deque<ByteBuffer> inbox = new ArrayDeque<>();

    /** The number of bytes that this end has sent and the other end has not read. */
    private int underWayBytes;

    private boolean wantsRead;
    private boolean wantsWrite;
    private boolean notifyConnected;
    private @Nullable IOException notifyFailed;
    private boolean ended;
    private boolean endNotified;
    private boolean outputEnded;
    private boolean closed;
    private boolean crashed;
    private @Nullable String broken;

    private SimChannel(SimHost host, MemAddress local, MemAddress peer, SimPipe out) {
        this.wire = host.wire();
        this.clock = wire.clock();
        this.host = host;
        this.local = local;
        this.peer = peer;
        this.out = out;
        capacityBytes = wire.rules().drawBuffer(clock.random);
    }

    // Connecting; called under the clock's monitor.

    static SimChannel connect(SimHost host, SimPoller poller, MemAddress to, ChannelSink sink) {
        SimWire wire = host.wire();
        SimHost place = host.names().placeOf(to.name());
        String there = place == null ? "nobody" : place.label();
        int number = wire.nextConnection();
        var client = new SimChannel(host, new MemAddress(""), to, new SimPipe(wire, host.label(), there, number));
        client.poller = poller;
        client.sink = sink;
        poller.add(client);
        client.ask(place, new SimPipe(wire, there, host.label(), number));
        return client;
    }

    private void ask(@Nullable SimHost place, SimPipe back) {
        out.send("connect to " + peer, () -> asked(place, back));
    }

    private void asked(@Nullable SimHost place, SimPipe back) {
        if (closed || place != null && place.isDark()) {
            return;
        }
        SimServerChannel server = host.names().listening(peer.name());
        if (server == null || place == null || server.host() != place) {
            back.send("refused", () -> refused(new ConnectException("Connection refused")));
        } else if (server.hasRoom()) {
            var accepted = new SimChannel(place, /* local= */ peer, /* peer= */ local, back);
            accepted.other = this;
            other = accepted;
            server.enqueue(accepted);
            back.send("connected", this::connected);
        } else {
            clock.schedule(clock.nowNanos() + ASK_AGAIN_NANOS, () -> ask(place, back));
        }
    }

    private void connected() {
        if (closed) {
            sendReset();
        } else {
            notifyConnected = true;
            wake();
        }
    }

    private void refused(IOException cause) {
        notifyFailed = cause;
        wake();
    }

    /** Passes the accepted channel to a loop. Called on the accepting loop's thread. */
    void accepted(SimPoller by, ChannelSink toTell) {
        synchronized (clock) {
            if (!closed) {
                poller = by;
                sink = toTell;
                by.add(this);
                wake();
            }
        }
    }

    // Arrivals; called under the clock's monitor.

    private void bytesArrived(byte[] bytes) {
        if (isAway()) {
            return;
        }
        int oneIn = wire.rules().resetOneIn;
        if (oneIn > 0 && clock.random.nextInt(oneIn) == 0) {
            clock.trace.add(clock.nowNanos(), "the connection breaks");
            resetArrived();
            if (other != null) {
                other.resetArrived();
            }
            return;
        }
        clock.trace.take(bytes);
        inbox.add(ByteBuffer.wrap(bytes));
        wake();
    }

    /** Returns true if the channel is closed. Then also sends a reset, except if the host has no power. */
    private boolean isAway() {
        if (closed && !(crashed && host.isDark())) {
            sendReset();
        }
        return closed;
    }

    private void endArrived() {
        if (!closed) {
            ended = true;
            wake();
        }
    }

    private void resetArrived() {
        if (!closed && broken == null) {
            broken = RESET;
            inbox.clear(); // a reset destroys bytes that the receiver has not read
            wake();
        }
    }

    private void sendReset() {
        out.send("reset", () -> {
            if (other != null) {
                other.resetArrived();
            }
        });
    }

    private void wake() {
        SimPoller by = poller;
        boolean tells = notifyConnected || notifyFailed != null || wantsRead && readable() || wantsWrite && writable();
        if (by != null && tells) {
            by.schedule(this);
        }
    }

    private boolean readable() {
        return !endNotified && (!inbox.isEmpty() || ended || broken != null);
    }

    private boolean writable() {
        return underWayBytes < capacityBytes || broken != null;
    }

    @Override
    public void crash(boolean silently) {
        if (!closed) {
            crashed = true;
            leave();
            if (!silently && broken == null) {
                sendReset();
            }
        }
    }

    private void leave() {
        closed = true;
        sink = null;
        inbox.clear();
        if (poller != null) {
            poller.remove(this);
        }
    }

    // Called on the loop's thread. Each callback may close the channel, so each step checks again.

    @Override
    public void ready() {
        ChannelSink toTell = sink;
        if (toTell == null) {
            return;
        }
        IOException failed = notifyFailed;
        if (failed != null) {
            notifyFailed = null;
            toTell.failed(failed);
            return;
        }
        if (notifyConnected) {
            notifyConnected = false;
            toTell.connected();
        }
        if (isNow(wantsWrite, this::writable)) {
            toTell.writable();
        }
        if (isNow(wantsRead, this::readable)) {
            read(toTell);
        }
        synchronized (clock) {
            if (!closed) {
                wake();
            }
        }
    }

    private boolean isNow(boolean wanted, BooleanSupplier can) {
        synchronized (clock) {
            return !closed && wanted && can.getAsBoolean();
        }
    }

    @Override
    public boolean readNow() {
        ChannelSink toTell = sink;
        return toTell != null && isNow(true, this::readable) && read(toTell);
    }

    /** Reads once. Returns true if there may be more bytes. */
    private boolean read(ChannelSink toTell) {
        ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
        boolean failed;
        synchronized (clock) {
            failed = broken != null;
            wantsRead &= !failed;
            takeInto(bytes);
            endNotified |= !failed && bytes.position() == 0;
        }
        if (failed) {
            toTell.failed(new SocketException(RESET));
        } else if (bytes.position() > 0) {
            toTell.received(bytes.flip().asReadOnlyBuffer());
            return true;
        } else {
            toTell.ended();
        }
        return false;
    }

    private void takeInto(ByteBuffer bytes) {
        while (!inbox.isEmpty() && bytes.hasRemaining()) {
            ByteBuffer first = inbox.element();
            int count = Math.min(first.remaining(), bytes.remaining());
            bytes.put(bytes.position(), first, first.position(), count);
            bytes.position(bytes.position() + count);
            first.position(first.position() + count);
            if (!first.hasRemaining()) {
                inbox.remove();
            }
        }
        SimChannel sender = other;
        if (sender != null) {
            sender.underWayBytes -= bytes.position();
            sender.wake();
        }
    }

    @Override
    public void broke(Throwable thrown) {
        ChannelSink toTell = sink;
        if (toTell != null) {
            toTell.failed(new IOException("internal error", thrown));
        }
        close();
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
        synchronized (clock) {
            if (closed || outputEnded) {
                throw new ClosedChannelException();
            }
            if (broken != null) {
                throw new SocketException(broken);
            }
            int count = Math.clamp(capacityBytes - underWayBytes, 0, bytes.remaining());
            underWayBytes += count;
            for (int left = count; left > 0; ) {
                var piece = new byte[Math.min(left, wire.rules().drawPiece(clock.random))];
                bytes.get(piece);
                left -= piece.length;
                out.send(piece.length + " bytes", () -> arriveThere(piece));
            }
            return count;
        }
    }

    private void arriveThere(byte[] piece) {
        if (other != null) {
            other.bytesArrived(piece);
        }
    }

    @Override
    public void wantRead(boolean wanted) {
        synchronized (clock) {
            wantsRead = wanted;
            wake();
        }
    }

    @Override
    public void wantWrite(boolean wanted) {
        synchronized (clock) {
            wantsWrite = wanted;
            wake();
        }
    }

    @Override
    public void shutdownOutput() {
        synchronized (clock) {
            if (!outputEnded && !closed) {
                outputEnded = true;
                sendEnd();
            }
        }
    }

    private void sendEnd() {
        out.send("end", () -> {
            if (other != null) {
                other.endArrived();
            }
        });
    }

    @Override
    public void close() {
        synchronized (clock) {
            if (closed) {
                return;
            }
            boolean unread = !inbox.isEmpty();
            leave();
            if (broken != null) {
                return;
            }
            if (unread) {
                sendReset();
            } else if (!outputEnded) {
                sendEnd();
            }
        }
    }

    @Override
    public void reset() {
        synchronized (clock) {
            if (!closed) {
                leave();
                if (broken == null) {
                    sendReset();
                }
            }
        }
    }
}
