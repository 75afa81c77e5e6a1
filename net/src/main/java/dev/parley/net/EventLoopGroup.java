package dev.parley.net;

import dev.parley.net.tls.Tls;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A group of event loops that listen at the same addresses, so that a server uses several cores. Each accepted
 * connection goes to the loop with the fewest connections, and stays there.
 *
 * {@snippet :
 * try (var loops = EventLoopGroup.start(2)) {
 *     LoopListener listener = loops.listen("tcp://localhost:0", connection -> (same, bytes) -> same.send(bytes));
 *     System.out.println("listening on " + listener.address());
 *     loops.join();
 * }
 * }
 *
 * <p>Receivers of one loop run on one thread, but receivers of different loops run at the same time. What they share
 * must be safe for several threads. Any thread may call the methods of this class.
 */
public final class EventLoopGroup implements AutoCloseable {
    private final List<EventLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    private EventLoopGroup(List<EventLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    /**
     * Starts a group of loops with default settings.
     *
     * @param count the number of loops, at least 1; more loops than cores gain nothing
     * @return the running loops, which the caller must close
     * @throws IllegalArgumentException if the count is below 1
     * @throws UncheckedIOException if the system gives one of the loops no selector, most often for lack of
     *     descriptors; then none of them runs
     */
    public static EventLoopGroup start(int count) {
        return start(EventLoop.builder(), count);
    }

    /**
     * Starts a group of loops that all use the same transport. If the system refuses the preferred transport to one of
     * them, even to the last one, none of them uses it.
     *
     * @param settings the settings of each loop
     * @param count the number of loops, at least 1; more loops than cores gain nothing
     * @return the running loops, which the caller must close
     * @throws IllegalArgumentException if the count is below 1
     * @throws UncheckedIOException if the system gives one of the loops no selector, most often for lack of
     *     descriptors; or if it refuses the transport that the settings name, in which case the cause is a {@link
     *     dev.parley.net.transport.TransportRefusedException}. None of the loops runs then
     */
    public static EventLoopGroup start(EventLoop.Builder settings, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("a group has at least 1 loop, not " + count);
        }
        return new EventLoopGroup(settings.start(count));
    }

    /** {@return the loops, at least one} */
    public List<EventLoop> loops() {
        return loops;
    }

    /** {@return one of the loops, in turn; for timers, tasks and connections that may run on any of them} */
    public EventLoop next() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /**
     * Listens on an address; see {@link #listen(Address, Function)}.
     *
     * @param address such as {@code tcp://localhost:65432}
     * @param receivers makes the receiver of each connection
     * @return the bound listener
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if the text is not an address, or the loops' transport does not support such addresses
     */
    public LoopListener listen(String address, Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        return listen(Address.parse(address), receivers);
    }

    /**
     * Listens on an address with all loops, as {@link EventLoop#listen(Address, Function)} does with one. All loops
     * together have one limit of connections.
     *
     * @param address the address to listen on; port 0, or an empty name, stands for a free one
     * @param receivers makes the receiver of each connection; called on the thread of the connection's loop, so by
     *     several threads at the same time
     * @return the bound listener; closing it ends accepting on all loops
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if the loops' transport does not support such addresses
     * @throws UnsupportedOperationException for {@code mem:} addresses, if there are several loops: only one loop can
     *     listen on them
     * @throws IllegalStateException if the first loop is closed
     * @throws RejectedExecutionException if another loop is closed
     * @throws UncheckedIOException if the system has no file descriptor left for another loop
     */
    public LoopListener listen(Address address, Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        return shared(loops.getFirst().listen(address, receivers), receivers);
    }

    /**
     * Listens as {@link #listen(Address, Function)} does, with other settings of TLS than those of the loops.
     *
     * @param address the address to listen on
     * @param settings the settings of TLS, which have an effect only at a {@code tls://} address; null for those of the
     *     loops
     * @param receivers as for {@link #listen(Address, Function)}
     * @return the bound listener; closing it ends accepting on all loops
     * @throws BindFailedException if an address of the host cannot be bound; then none of them is bound
     * @throws AddressException if the loops' transport does not support such addresses, or the settings have no
     *     certificate
     * @throws UncheckedIOException if the system has no file descriptor left for another loop
     */
    public LoopListener listen(
            Address address, @Nullable Tls settings, Function<LoopConnection, ? extends Receiver> receivers)
            throws BindFailedException {
        return shared(loops.getFirst().listen(address, settings, receivers), receivers);
    }

    private LoopListener shared(LoopListener first, Function<LoopConnection, ? extends Receiver> receivers) {
        try {
            for (EventLoop other : loops.subList(1, loops.size())) {
                first.closesWith(other.listenWith(first, receivers));
            }
            return first;
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    /**
     * Waits until all loops are closed and their threads have ended. Any thread except the thread of a loop may call
     * this method.
     *
     * @throws InterruptedException if the caller was interrupted; the loops go on
     * @throws IllegalStateException on the thread of a loop
     */
    public void join() throws InterruptedException {
        for (EventLoop loop : loops) {
            loop.join();
        }
    }

    /**
     * Closes each loop as {@link EventLoop#close} does: connections close with {@link CloseReason#DRAIN}, and queued
     * bytes are lost. Closing twice is harmless.
     */
    @Override
    public void close() {
        loops.forEach(EventLoop::close);
    }

    @Override
    public String toString() {
        return "group of " + loops.size() + " loops over "
                + loops.getFirst().transport().name();
    }
}
