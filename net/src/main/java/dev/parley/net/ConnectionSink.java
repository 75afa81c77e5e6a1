package dev.parley.net;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Stands between a channel, or the clock, and its connection: whatever throws behind it, our own code or the user's
 * receiver, ends this one connection, and no other notices.
 */
record ConnectionSink(LoopConnection connection) implements ChannelSink, Watchdog.Whom {
    @Override
    public void connected() {
        connection.loop().telling();
        try {
            connection.onConnected();
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        connection.loop().telling();
        try {
            connection.onReceived(bytes);
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void ended() {
        connection.loop().telling();
        try {
            connection.onEnded();
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void writable() {
        connection.loop().telling();
        try {
            connection.flush();
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public void failed(IOException cause) {
        connection.loop().telling();
        try {
            connection.onFailed(cause);
        } catch (Throwable thrown) {
            connection.threw(thrown);
        }
    }

    @Override
    public EventLoop loop() {
        return connection.loop();
    }

    /** The idle timeout is over. */
    @Override
    public void silent() {
        connection.silent();
    }
}
