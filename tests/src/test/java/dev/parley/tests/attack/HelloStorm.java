package dev.parley.tests.attack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Begins handshakes at a fixed rate, and leaves each when the server has answered: that costs the server its signature,
 * and the attacker next to nothing. Others connect and say nothing. A process of its own.
 */
final class HelloStorm {
    static final String BEGINS = "the storm begins";
    private static final int TICK_MILLIS = 10;

    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final List<SocketChannel> silent = new ArrayList<>();
    private final ByteBuffer into = ByteBuffer.allocateDirect(16 * 1024);
    private final byte[] hello;
    private long begun;
    private long answered;
    private long ended;

    private HelloStorm(InetSocketAddress server) throws Exception {
        this.server = server;
        this.hello = hello();
    }

    private static byte[] hello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        return Arrays.copyOf(record.array(), record.position());
    }

    /** {@code PORT EACH_SECOND MILLIS SILENT} */
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        var storm = new HelloStorm(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            storm.silent.add(SocketChannel.open(storm.server));
        }
        System.out.println(BEGINS);
        storm.run(Integer.parseInt(args[1]), Long.parseLong(args[2]) * 1_000_000);
        System.out.printf(
                Locale.ROOT,
                "%d handshakes begun, %d answered, %d ended by the server%n",
                storm.begun,
                storm.answered,
                storm.ended);
    }

    private void run(int eachSecond, long durationNanos) throws IOException {
        long startNanos = System.nanoTime();
        for (long now = startNanos; now - startNanos < durationNanos; now = System.nanoTime()) {
            long due = (now - startNanos) / 1_000_000 * eachSecond / 1_000;
            for (; begun < due; begun++) {
                begin();
            }
            selector.select(this::ready, TICK_MILLIS);
        }
    }

    private void begin() throws IOException {
        SocketChannel socket = SocketChannel.open();
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_CONNECT);
        socket.connect(server);
    }

    private void ready(SelectionKey key) {
        var socket = (SocketChannel) key.channel();
        try {
            if (key.isConnectable() && socket.finishConnect()) {
                socket.write(ByteBuffer.wrap(hello)); // an empty socket takes so little at once
                key.interestOps(SelectionKey.OP_READ);
            } else if (key.isReadable()) {
                if (socket.read(into.clear()) > 0) {
                    answered++;
                } else {
                    ended++;
                }
                socket.close();
            }
        } catch (IOException reset) {
            ended++;
            close(socket);
        }
    }

    private static void close(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            return;
        }
    }
}
