package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;

/**
 * A poller is a transport's part of one event loop: it waits until channels can do something, and calls their sinks.
 *
 * <p>A poller belongs to the loop's thread: all methods except {@link #wakeup} are called on this thread, and all sinks
 * are called from inside {@link #poll}. A poller is level-triggered: it reports a channel again in each poll, as long
 * as the channel is ready.
 */
public interface Poller extends AutoCloseable {
    /** A timeout for {@link #poll} that never ends by itself. */
    long FOREVER_NANOS = Long.MAX_VALUE;

    /**
     * Starts accepting on a bound channel.
     *
     * @param channel a server channel of the same transport, which was not registered before
     * @param sink the sink, which is called for accepted connections
     * @throws IOException if the system refuses
     */
    void register(ServerChannel channel, AcceptSink sink) throws IOException;

    /**
     * Starts to connect, without waiting: {@code connected} or {@code failed} of the sink is called by a later {@link
     * #poll}.
     *
     * @param endpoint an endpoint that the transport {@linkplain Transport#supports supports}
     * @param options the options of the new socket
     * @param sink the sink that the channel calls
     * @return the channel, which is not open yet
     * @throws IOException if the attempt failed at once; the sink is not called then
     */
    Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException;

    /**
     * Waits until a channel is ready, {@link #wakeup} is called, or the timeout is over. Then calls the sinks of all
     * ready channels once. This method may return early, or up to a millisecond late.
     *
     * @param timeoutNanos how long to wait at most; 0 means not to wait, {@link #FOREVER_NANOS} means to wait without a
     *     timeout
     * @throws IOException if waiting itself fails, which ends the loop
     */
    void poll(long timeoutNanos) throws IOException;

    /**
     * Makes the current {@link #poll} return, or the next one if none is under way. Any thread may call this method.
     */
    void wakeup();

    /** {@return how many bytes of this process's memory the poller holds for the last bytes of closed channels} */
    default long heldBytes() {
        return 0;
    }

    /**
     * Frees the resources that {@link Transport#openPoller} has taken. The channels must be closed before.
     *
     * @throws IOException if the system reports an error; nothing stays open even then
     */
    @Override
    void close() throws IOException;
}
