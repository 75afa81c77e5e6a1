package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;

/**
 * A poller is the kernel's side of one event loop: it waits until channels can do something, and calls their sinks.
 *
 * <p>Belongs to the loop's thread: every method but {@link #wakeup} is called from there, and every sink is called from
 * inside {@link #poll}. Interest is level-triggered: what was not taken is reported again.
 */
public interface Poller extends AutoCloseable {
    /** A timeout for {@link #poll} that never ends by itself. */
    long FOREVER_NANOS = Long.MAX_VALUE;

    /**
     * Starts accepting on a bound channel.
     *
     * @param channel of the same transport, not registered before
     * @param sink called for accepted connections
     * @throws IOException if the system refuses
     */
    void register(ServerChannel channel, AcceptSink sink) throws IOException;

    /**
     * Starts to connect, without waiting: {@code connected} or {@code failed} of the sink is called by a later {@link
     * #poll}.
     *
     * @param endpoint one that {@link Transport#supports}
     * @param options of the new socket
     * @param sink called for what happens on the channel
     * @return the channel, not open yet
     * @throws IOException if the attempt failed at once; the sink is not called then
     */
    Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException;

    /**
     * Waits until a channel is ready, {@link #wakeup} is called or the time is over; then calls the sinks of all ready
     * channels once. It may return early, and by up to a millisecond late.
     *
     * @param timeoutNanos how long to wait at most; 0 looks and returns, {@link #FOREVER_NANOS} waits without end
     * @throws IOException if waiting itself fails, which ends the loop
     */
    void poll(long timeoutNanos) throws IOException;

    /** Ends the current {@link #poll}, or the next one; any thread may call it. */
    void wakeup();

    /** {@return how much memory of this process it takes for the last bytes of channels that are closed} */
    default long heldBytes() {
        return 0;
    }

    /**
     * Frees what {@link Transport#openPoller} took; the channels are closed before.
     *
     * @throws IOException if the system refuses; nothing is left open all the same
     */
    @Override
    void close() throws IOException;
}
