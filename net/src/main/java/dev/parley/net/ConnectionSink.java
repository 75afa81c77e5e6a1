package dev.parley.net;

import dev.parley.net.core.IdleTimer;
import dev.parley.net.core.LoopCore;
import dev.parley.net.core.TaskQueue;
import dev.parley.net.text.SafeText;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Passes the calls of a channel and of the idle timer to the connection. If our own code or the user's receiver throws,
 * only this connection ends, and no other connection notices it. During a connect race, each attempt has its own sink.
 */
final class ConnectionSink extends TaskQueue.End implements ChannelSink, IdleTimer.Target, Input.Context {
    private final LoopConnection connection;

    ConnectionSink(LoopConnection connection) {
        this.connection = connection;
    }

    @Override
    public void connected() {
        connection.loop().core().telling();
        try {
            connection.onConnected(this);
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        connection.loop().core().telling();
        try {
            connection.onReceived(bytes);
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    @Override
    public void ended() {
        connection.loop().core().telling();
        try {
            connection.onEnded();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    @Override
    public void heldBytesChanged() {
        try {
            connection.heldBytesChanged();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    @Override
    public void writable() {
        connection.loop().core().telling();
        try {
            connection.output().flush();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    @Override
    public void failed(IOException cause) {
        connection.loop().core().telling();
        try {
            connection.onFailed(this, cause);
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    @Override
    public void sendFailed(IOException cause) {
        connection.loop().core().telling();
        try {
            connection.breakage().now(cause);
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    /**
     * Runs a task as {@link EventLoop#tryExecute} does. If the task throws, the connection ends, so that its receiver
     * and the observer are notified. Any thread may call this.
     */
    boolean tryExecute(Runnable task) {
        return connection.loop().tryExecute(() -> {
            try {
                task.run();
            } catch (Throwable thrown) {
                threw(thrown);
            }
        });
    }

    /** Ends this connection, because our own code or the user's receiver threw. No other connection notices it. */
    void threw(Throwable thrown) {
        try {
            notifyThrown(" threw", thrown);
        } finally {
            connection.abort(CloseReason.FAILED, thrown);
        }
    }

    /** Notifies the receiver of the end. */
    void notifyClosed(Receiver receiver, CloseReason reason) {
        try {
            receiver.closed(connection, reason);
        } catch (Throwable thrown) {
            notifyThrown(" threw in closed", thrown);
        }
    }

    private void notifyThrown(String how, Throwable thrown) {
        String peer = SafeText.line(connection.peerAddress());
        connection
                .loop()
                .observer()
                .failed("the receiver of connection " + connection.id() + " with " + peer + how, thrown);
    }

    @Override
    public @Nullable Channel channel() {
        return connection.channel();
    }

    @Override
    public ConnectionState state() {
        return connection.state();
    }

    @Override
    public boolean isLingering() {
        return connection.isLingering();
    }

    @Override
    public LoopCore core() {
        return connection.loop().core();
    }

    /** Reports the end of the connection. The sink is itself the queue's entry, so a full heap cannot prevent it. */
    @Override
    protected void report() {
        connection.notifyEnded();
    }

    /** Called when the idle timeout is over. */
    @Override
    public void silent() {
        try {
            connection.silent();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }
}
