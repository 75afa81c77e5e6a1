package dev.parley.client;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import java.util.HashMap;
import java.util.Map;

/**
 * The loops of the clients that choose none: one loop for all clients of a process, and one for {@code mem:} addresses.
 * A loop starts with its first client, and is closed with its last. The blocking connections of a process have a loop
 * of their own, since functions of users run on this one. Any thread may use it.
 */
public final class ClientLoops {
    private static final Map<Boolean, Shared> BY_KIND = new HashMap<>();

    private ClientLoops() {}

    private static final class Shared {
        final EventLoop loop;
        int users;

        Shared(EventLoop loop) {
            this.loop = loop;
        }
    }

    /**
     * Returns the shared loop for an address. The caller must release it.
     *
     * @throws java.io.UncheckedIOException if the system gives the loop no selector
     */
    public static EventLoop acquire(Address address) {
        boolean isMem = address instanceof Address.Mem;
        synchronized (BY_KIND) {
            Shared shared = BY_KIND.computeIfAbsent(isMem, mem -> new Shared(started(mem)));
            shared.users++;
            return shared.loop;
        }
    }

    private static EventLoop started(boolean isMem) {
        EventLoop.Builder settings = EventLoop.builder().daemon(true).name(isMem ? "parley-calls-mem" : "parley-calls");
        return (isMem ? settings.transport(MemNetwork.shared()) : settings).start();
    }

    /** Gives a loop back. The call of the last user closes it. */
    public static void release(EventLoop loop) {
        synchronized (BY_KIND) {
            for (var entry : BY_KIND.entrySet()) {
                Shared shared = entry.getValue();
                if (shared.loop == loop && --shared.users == 0) {
                    BY_KIND.remove(entry.getKey());
                    break;
                }
                if (shared.loop == loop) {
                    return;
                }
            }
        }
        loop.close();
    }
}
