package dev.parley.uring;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The sink of a channel that ignores what it is notified of, and throws if the channel fails. */
abstract class QuietSink implements ChannelSink {
    @Override
    public void connected() {}

    @Override
    public void received(ByteBuffer bytes) {}

    @Override
    public void ended() {}

    @Override
    public void writable() {}

    @Override
    public void failed(IOException cause) {
        throw new IllegalStateException(cause);
    }
}
