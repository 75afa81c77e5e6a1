package dev.parley.net;

import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The loops of blocking clients that pass no loop of their own: one for each transport, started with the first
 * connection and closed with the last, so that a program that has closed its connections has no thread of ours left.
 */
final class SharedLoops {
    private static final Map<String, Shared> BY_TRANSPORT = new HashMap<>();

    private SharedLoops() {}

    private static final class Shared {
        final EventLoop loop;
        int users;

        Shared(EventLoop loop) {
            this.loop = loop;
        }
    }

    /** Returns the transport for an address if the caller chose none. */
    static Transport transportFor(Address address) {
        return address instanceof Address.Mem ? MemNetwork.shared() : Transports.preferred();
    }

    static EventLoop acquire(Address address) throws IOException {
        Transport transport = transportFor(address);
        try {
            return acquire(transport);
        } catch (UncheckedIOException noSelector) {
            throw new IOException("cannot connect to " + address + ": " + noSelector.getMessage(), noSelector);
        }
    }

    private static EventLoop acquire(Transport transport) {
        synchronized (BY_TRANSPORT) {
            Shared shared = BY_TRANSPORT.computeIfAbsent(
                    transport.name(),
                    name -> new Shared(EventLoop.builder()
                            .transport(transport)
                            .name("parley-clients-" + name)
                            .daemon(true)
                            .start()));
            shared.users++;
            return shared.loop;
        }
    }

    /** Gives a loop back. Any thread, even the loop's own: then it ends as soon as it has returned from here. */
    static void release(EventLoop loop) {
        synchronized (BY_TRANSPORT) {
            // Not by the name of the loop's own transport: it may be another than the one that was wanted.
            Shared shared = BY_TRANSPORT.values().stream()
                    .filter(each -> each.loop == loop)
                    .findFirst()
                    .orElse(null);
            if (shared == null) {
                return;
            }
            shared.users--;
            if (shared.users > 0) {
                return;
            }
            BY_TRANSPORT.values().remove(shared);
        }
        loop.close();
    }
}
