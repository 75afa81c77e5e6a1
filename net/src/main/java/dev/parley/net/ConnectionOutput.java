package dev.parley.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** The writing end of a {@link Connection}. It buffers nothing, so there is nothing to flush. */
final class ConnectionOutput extends OutputStream {
    private final Connection connection;

    ConnectionOutput(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void write(int oneByte) throws IOException {
        connection.write(ByteBuffer.wrap(new byte[] {(byte) oneByte}));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        connection.write(ByteBuffer.wrap(bytes, offset, length));
    }

    /** Ends our direction; the connection stays open for reading. */
    @Override
    public void close() {
        connection.shutdownOutput();
    }
}
