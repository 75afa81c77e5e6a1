package dev.parley.net;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Stands between a channel and its connection: whatever throws behind it, our own code or the user's receiver, ends
 * this one connection, and no other notices.
 */
record ConnectionSink(LoopConnection connection) implements ChannelSink {
    @Override
    public void connected() {
        try {
            connection.onConnected();
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        try {
            connection.onReceived(bytes);
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void ended() {
        try {
            connection.onEnded();
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void writable() {
        try {
            connection.onWritable();
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void failed(IOException cause) {
        try {
            connection.onFailed(cause);
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }
}
