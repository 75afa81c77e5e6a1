package dev.parley.testkit;

import dev.parley.net.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A peer that sends and receives exactly the bytes that a test says. It uses a plain JDK socket, and shares no code
 * with the tested program. A read waits at most a minute. One thread may use it.
 *
 * {@snippet :
 * try (var listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 *         var peer = RawPeer.connect(listener.address())) {
 *     peer.sendByteByByte(new byte[] {1, 2, 3}).shutdownOutput();
 *     System.out.println(peer.receive(3).length + " bytes, then " + peer.receiveToEnd().length);
 * }
 * }
 *
 * <p>Methods that read throw {@link AssertionError} if the peer sends less than the test asks for.
 */
public final class RawPeer implements AutoCloseable {
    private static final int WAIT_SECONDS = 60;

    private final SocketChannel socket;

    /** Makes a peer without Nagle's delay (TCP_NODELAY), so that even a few bytes are sent at once. */
    private RawPeer(SocketChannel socket) throws IOException {
        this.socket = socket;
        if (socket.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    /**
     * Connects to a {@code tcp:} address with an IP address or localhost, or to a {@code unix:} address. Waits as long
     * as the operating system waits.
     *
     * @param address the address; {@code localhost} means 127.0.0.1 here
     * @return the connected peer, which the caller must close
     * @throws IOException if no socket listens at this address
     * @throws IllegalArgumentException for a name that is not an IP address, and for a {@code mem:} address, which has
     *     no socket
     */
    public static RawPeer connect(Address address) throws IOException {
        return new RawPeer(SocketChannel.open(endpoint(address)));
    }

    /**
     * Accepts one peer on a listening JDK socket. Waits without a limit.
     *
     * @param server a listening socket, such as the result of {@link #listen()}
     * @return the peer, which the caller must close
     * @throws IOException if the server is closed
     */
    public static RawPeer accept(ServerSocketChannel server) throws IOException {
        return new RawPeer(server.accept());
    }

    /**
     * Listens on a free port of the IPv4 loopback.
     *
     * @return the listening socket, which the caller must close
     * @throws IOException if the system refuses to open or bind a socket
     */
    public static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress(loopback("localhost"), 0));
    }

    /**
     * {@return the address of a listening socket, such as the result of {@link #listen()}}
     *
     * @param server a bound socket
     * @throws IOException if the socket is closed
     */
    public static Address addressOf(ServerSocketChannel server) throws IOException {
        return Address.of(server.getLocalAddress());
    }

    private static SocketAddress endpoint(Address address) {
        return switch (address) {
            case Address.Inet inet -> new InetSocketAddress(loopback(inet.host()), inet.port());
            case Address.Unix unix -> UnixDomainSocketAddress.of(unix.path());
            case Address.Mem mem -> throw new IllegalArgumentException(mem + " has no socket");
        };
    }

    private static InetAddress loopback(String host) {
        return InetAddress.ofLiteral(host.equals("localhost") ? "127.0.0.1" : host);
    }

    /**
     * Sets the size of the receive buffer (SO_RCVBUF in socket(7)), so that the buffer is soon full if the test does
     * not read.
     *
     * @param bytes the size, above zero; the kernel doubles it, and raises it to a minimum
     * @return this peer
     * @throws IOException if the socket is closed
     */
    public RawPeer receiveBuffer(int bytes) throws IOException {
        socket.setOption(StandardSocketOptions.SO_RCVBUF, bytes);
        return this;
    }

    /**
     * Sends all the bytes. If the other end does not read, waits without a limit.
     *
     * @param bytes the bytes; there may be none
     * @return this peer
     * @throws IOException if the connection is broken or closed
     */
    public RawPeer send(byte... bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            socket.write(left);
        }
        return this;
    }

    /**
     * Sends the text in UTF-8; see {@link #send(byte...)}.
     *
     * @param text any text
     * @return this peer
     * @throws IOException if the connection is broken or closed
     */
    public RawPeer send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends the bytes one by one. Each byte is in a packet of its own, if the kernel does not combine them.
     *
     * @param bytes the bytes; there may be none
     * @return this peer
     * @throws IOException if the connection is broken or closed
     */
    public RawPeer sendByteByByte(byte... bytes) throws IOException {
        if (socket.getRemoteAddress() instanceof InetSocketAddress) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        for (byte one : bytes) {
            send(new byte[] {one});
        }
        return this;
    }

    /**
     * Reads exactly this number of bytes.
     *
     * @param count 0 or more
     * @return the bytes
     * @throws IOException if the connection is broken or closed
     * @throws AssertionError if the stream ends earlier, or the bytes have not arrived after a minute
     */
    public byte[] receive(int count) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(count);
        bounded("read " + count + " bytes", () -> {
            int got;
            do {
                got = socket.read(into);
            } while (got >= 0 && into.hasRemaining());
        });
        if (into.hasRemaining()) {
            throw new AssertionError("the stream ended after " + into.position() + " of " + count + " bytes");
        }
        return into.array();
    }

    /**
     * Reads everything up to the end of the stream.
     *
     * @return the bytes; there may be none
     * @throws IOException if the connection is broken or closed
     * @throws AssertionError if the end has not arrived after a minute
     */
    public byte[] receiveToEnd() throws IOException {
        var all = new ByteArrayOutputStream();
        bounded("read to the end", () -> readToEnd(all));
        return all.toByteArray();
    }

    /**
     * Reads everything up to the end of the stream, or up to a reset. A reset arrives instead of the end if the other
     * end closes without having read all our bytes (RFC 9293, section 3.6.1; on Linux, Unix sockets do this too).
     *
     * @return the bytes; there may be none
     * @throws IOException if the connection is broken in another way
     * @throws AssertionError if the end has not arrived after a minute
     */
    public byte[] receiveToEndOrReset() throws IOException {
        var all = new ByteArrayOutputStream();
        bounded("read to the end", () -> {
            try {
                readToEnd(all);
            } catch (SocketException e) {
                if (!String.valueOf(e.getMessage()).contains("reset")) {
                    throw e;
                }
            }
        });
        return all.toByteArray();
    }

    private void readToEnd(ByteArrayOutputStream all) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(64 * 1024);
        while (socket.read(into.clear()) >= 0) {
            all.write(into.array(), 0, into.position());
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void bounded(String what, Step step) throws IOException {
        var done = new CompletableFuture<Boolean>();
        Thread.ofVirtual().name("raw-peer").start(() -> {
            try {
                step.run();
                done.complete(true);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IOException("cannot " + what + ": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            socket.close();
            throw new AssertionError("waited " + WAIT_SECONDS + " s in vain to " + what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Ends this peer's direction of the connection (shutdown(2)).
     *
     * @return this peer
     * @throws IOException if the connection is broken or closed
     */
    public RawPeer shutdownOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /**
     * Closes the connection. For TCP, closes it with a reset (SO_LINGER with 0 in socket(7)).
     *
     * @throws IOException if the connection is broken or already closed
     */
    public void reset() throws IOException {
        if (socket.getRemoteAddress() instanceof InetSocketAddress) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
