package dev.parley.tests.bed;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import java.io.IOException;

/**
 * Carries bytes and ends from connections over TCP to connections inside the process, or the other way, unchanged: a
 * test's script has a socket, and what it tests has none.
 */
public final class Bridge implements AutoCloseable {
    private final EventLoop overTcp = EventLoop.builder()
            .transport(Usable.transport("nio"))
            .observer(new LoopObserver() {})
            .start();
    private final EventLoop inMemory = EventLoop.builder()
            .transport(MemNetwork.shared())
            .observer(new LoopObserver() {})
            .start();
    private final EventLoop far;
    private final Address farAddress;
    private final Listener listener;

    /**
     * A bridge to a server.
     *
     * @param server in memory if clients come over TCP, and over TCP if they come in memory
     */
    public static Bridge to(Address server) throws IOException {
        return new Bridge(server);
    }

    private Bridge(Address server) throws IOException {
        boolean fromTcp = server instanceof Address.Mem;
        far = fromTcp ? inMemory : overTcp;
        farAddress = server;
        listener = fromTcp
                ? Listener.open(overTcp, Address.parse("tcp://127.0.0.1:0"))
                : Listener.open(inMemory, Address.parse("mem:"));
        Thread.startVirtualThread(this::carryAll);
    }

    /** Returns the address to which its clients connect. */
    public Address address() {
        return listener.address();
    }

    private void carryAll() {
        try {
            listener.serve(near -> {
                try (Connection onward = Connection.connect(far, farAddress)) {
                    Thread back = Thread.startVirtualThread(() -> carry(onward, near));
                    carry(near, onward);
                    back.join();
                }
            });
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Carries the bytes and the end of one direction. An end passes as an end and a reset as a reset, each behind the
     * bytes before it.
     */
    private static void carry(Connection from, Connection to) {
        try {
            from.in().transferTo(to.out());
            to.shutdownOutput();
        } catch (ConnectionClosedException broken) {
            from.reset();
            to.reset();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        listener.close();
        overTcp.close();
        inMemory.close();
    }
}
