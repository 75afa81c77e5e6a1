package dev.parley.testkit;

import dev.parley.net.mem.MemAddress;
import java.io.IOException;
import java.net.BindException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names of a simulated network, with the host of each name and the channel that listens at it. The clock's monitor
 * guards them.
 */
final class SimNames {
    private final Map<String, SimServerChannel> listening = new HashMap<>();

    /**
     * The hosts of all names, including names at which nothing listens any more. A connect to such a name still reaches
     * the host, and is refused there.
     */
    private final Map<String, SimHost> places = new HashMap<>();

    private int unnamed;

    SimServerChannel bind(SimHost host, MemAddress asked, int backlog) throws IOException {
        String name = asked.name();
        if (name.isEmpty()) {
            unnamed++;
            name = "auto-" + unnamed;
        }
        if (listening.containsKey(name)) {
            throw new BindException("Address already in use");
        }
        var channel = new SimServerChannel(host, new MemAddress(name), backlog);
        listening.put(name, channel);
        places.put(name, host);
        return channel;
    }

    void unbind(SimServerChannel channel) {
        listening.remove(channel.localAddress().name(), channel);
    }

    @Nullable
    SimServerChannel listening(String name) {
        return listening.get(name);
    }

    @Nullable
    SimHost placeOf(String name) {
        return places.get(name);
    }
}
