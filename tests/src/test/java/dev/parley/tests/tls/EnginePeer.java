package dev.parley.tests.tls;

import dev.parley.testkit.RawPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;

/**
 * A peer whose side of TLS is an engine of the JDK. A test decides which of the engine's bytes are sent, and when; it
 * may change them. One thread may use it.
 */
public final class EnginePeer implements AutoCloseable {
    private static final int HEADER_BYTES = 5;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final RawPeer socket;
    private final SSLEngine engine;
    private final boolean isTls12;

    private EnginePeer(RawPeer socket, SSLEngine engine, String protocol, Consumer<SSLParameters> change)
            throws IOException {
        this.socket = socket;
        this.engine = engine;
        isTls12 = protocol.equals("TLSv1.2");
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        change.accept(parameters);
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
    }

    public static EnginePeer client(RawPeer socket, SSLContext context, String protocol) throws IOException {
        return client(socket, context, protocol, parameters -> {});
    }

    static EnginePeer client(RawPeer socket, SSLContext context, String protocol, Consumer<SSLParameters> change)
            throws IOException {
        SSLEngine engine = context.createSSLEngine("localhost", 1);
        engine.setUseClientMode(true);
        return new EnginePeer(socket, engine, protocol, change);
    }

    public static EnginePeer server(RawPeer socket, SSLContext context, String protocol) throws IOException {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        return new EnginePeer(socket, engine, protocol, parameters -> {});
    }

    SSLEngine engine() {
        return engine;
    }

    public RawPeer socket() {
        return socket;
    }

    private HandshakeStatus status() {
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            engine.getDelegatedTask().run();
        }
        return engine.getHandshakeStatus();
    }

    /** Reads records until the engine wants to answer, or the handshake has ended. */
    EnginePeer read() throws IOException {
        while (status() == HandshakeStatus.NEED_UNWRAP) {
            readRecord();
        }
        return this;
    }

    /** Reads one record, and returns its data. */
    public byte[] readRecord() throws IOException {
        byte[] header = socket.receive(HEADER_BYTES);
        byte[] body = socket.receive((header[3] & 0xff) << 8 | header[4] & 0xff);
        ByteBuffer record = ByteBuffer.allocate(header.length + body.length)
                .put(header)
                .put(body)
                .flip();
        ByteBuffer data = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        engine.unwrap(record, data);
        return Arrays.copyOf(data.array(), data.position());
    }

    /** Reads until this number of bytes of data has arrived. */
    void readData(int count) throws IOException {
        int left = count;
        while (left > 0) {
            left -= readRecord().length;
            if (engine.isInboundDone()) {
                throw new IOException("the stream ended before the data");
            }
        }
    }

    /** Returns the records that the engine wants to send now. */
    byte[] answer() throws IOException {
        var said = new ByteArrayOutputStream();
        while (status() == HandshakeStatus.NEED_WRAP) {
            said.write(encrypted(NOTHING));
        }
        return said.toByteArray();
    }

    /** Returns the records of this data. */
    public byte[] encrypted(byte... data) throws IOException {
        return encrypted(ByteBuffer.wrap(data));
    }

    private byte[] encrypted(ByteBuffer data) throws IOException {
        var record = new byte[engine.getSession().getPacketBufferSize()];
        int length = engine.wrap(data, ByteBuffer.wrap(record)).bytesProduced();
        return Arrays.copyOf(record, length);
    }

    /** Sends the client hello, and returns all that the client sends after the server's answer, up to its Finished. */
    byte[] secondFlight() throws IOException {
        socket.send(answer());
        var flight = new ByteArrayOutputStream();
        do {
            flight.write(read().answer());
        } while (!isTls12 && status() == HandshakeStatus.NEED_UNWRAP);
        return flight.toByteArray();
    }

    /** Does the whole handshake of either side. */
    public EnginePeer shakeHands() throws IOException {
        while (true) {
            switch (status()) {
                case NEED_WRAP -> socket.send(answer());
                case NEED_UNWRAP -> readRecord();
                default -> {
                    return this;
                }
            }
        }
    }

    /** Begins another handshake on this connection (renegotiation, RFC 5246, section 7.4.1.1). */
    public void askForHandshake() throws IOException {
        engine.beginHandshake();
        socket.send(answer());
    }

    /** Returns the records by which a side gives up the handshake (user_canceled and close_notify, RFC 8446, 6.1). */
    byte[] cancel() throws IOException {
        engine.closeOutbound();
        return answer();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
