package dev.parley.net;

import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The loops of blocking connections for which the caller passes no loop. There is one loop for each transport. It
 * starts with the first connection and is closed with the last, so that after a program has closed its connections, no
 * thread of Parley is left.
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

    /** Returns the transport for an address for which the caller has chosen no transport. */
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

    /**
     * Gives a loop back; the last user's call closes it. Any thread may call this. On the loop's own thread, the loop
     * ends as soon as this method has returned.
     */
    static void release(EventLoop loop) {
        synchronized (BY_TRANSPORT) {
            // Not found by the name of the loop's transport: the loop may use another transport than the wanted one.
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
