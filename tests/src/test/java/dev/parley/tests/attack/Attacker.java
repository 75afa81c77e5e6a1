package dev.parley.tests.attack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One connection of an attack, until the server ends it. On the attackers' thread. */
final class Attacker {
    /** The time from the first byte to the end; if it sends none, from the connect. */
    static final String SINCE_FIRST = "since-first";

    private static final int DEAF_BUFFER_BYTES = 4 * 1024;

    private final Attack attack;
    private final Fate fate;
    private final SocketChannel socket;
    private final SelectionKey key;
    private final Replies replies;
    private ByteBuffer sending = ByteBuffer.allocate(0);
    private long firstNanos;
    private boolean hasSent;
    private boolean over;
    private int answers;

    Attacker(Attack attack, Fate fate, Selector selector, InetSocketAddress server) throws IOException {
        this.attack = attack;
        this.fate = fate;
        this.socket = SocketChannel.open();
        this.replies = new Replies((id, status, bytes) -> {
            fate.count(status);
            answers++;
        });
        socket.configureBlocking(false);
        if (!attack.reads()) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, DEAF_BUFFER_BYTES);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, DEAF_BUFFER_BYTES);
        }
        fate.count(Fate.CONNECTIONS);
        firstNanos = System.nanoTime();
        key = socket.register(selector, SelectionKey.OP_CONNECT, this);
        if (socket.connect(server)) {
            connected();
        }
    }

    Fate fate() {
        return fate;
    }

    boolean isOver() {
        return over;
    }

    /** Returns whether something that it waits for is still to come. */
    boolean isWaiting() {
        return !over && !attack.isDone(answers);
    }

    boolean comesBack() {
        return attack.comesBack();
    }

    void ready(ByteBuffer into) {
        try {
            if (key.isConnectable() && socket.finishConnect()) {
                connected();
                return;
            }
            if (key.isReadable()) {
                read(into);
            }
            if (!over && key.isWritable()) {
                send();
            }
        } catch (IOException e) {
            end(socket.isConnected() ? Fate.RESET : Fate.REFUSED);
        }
    }

    private void connected() throws IOException {
        key.interestOps(attack.reads() ? SelectionKey.OP_READ : 0);
        send();
    }

    private void read(ByteBuffer into) throws IOException {
        int count = socket.read(into.clear());
        if (count < 0) {
            end(Fate.CLOSED);
        } else {
            replies.take(into.flip());
        }
    }

    /** Sends one piece, so that the others have their turn. */
    private void send() throws IOException {
        if (!sending.hasRemaining()) {
            byte[] more = attack.more();
            sending = more == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(more);
        }
        boolean some = sending.hasRemaining();
        if (some) {
            if (!hasSent) {
                hasSent = true;
                firstNanos = System.nanoTime();
            }
            socket.write(sending);
        }
        int others = key.interestOps() & ~SelectionKey.OP_WRITE;
        key.interestOps(some ? others | SelectionKey.OP_WRITE : others);
    }

    /** Sends the next bytes of an attack that goes on in beats. */
    void beat() {
        try {
            byte[] beat = over || !socket.isConnected() || sending.hasRemaining() ? null : attack.beat();
            if (beat != null) {
                sending = ByteBuffer.wrap(beat);
                send();
            }
        } catch (IOException e) {
            end(Fate.RESET);
        }
    }

    private void end(String how) {
        long now = System.nanoTime();
        over = true;
        fate.count(how);
        if (!how.equals(Fate.REFUSED)) {
            fate.took(SINCE_FIRST, (now - firstNanos) / 1_000_000);
        }
        close();
    }

    void close() {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            return;
        }
    }
}
