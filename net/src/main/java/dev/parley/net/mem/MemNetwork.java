package dev.parley.net.mem;

import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network inside the process, whose names are bound and connected like ports. Bytes go through pipes, which hold at
 * most 64 KiB in each direction.
 *
 * {@snippet :
 * var network = new MemNetwork();
 * try (var loop = EventLoop.builder().transport(network).start();
 *         var listener = loop.listen("mem:echo", (connection, bytes) -> connection.send(bytes));
 *         var connection = Connection.connect(loop, listener.address())) {
 *     connection.out().write(42);
 *     System.out.println(connection.in().read()); // 42
 * }
 * }
 *
 * <p>Any thread may use it. Each network has its own names; if the user sets no network, {@code mem:} addresses are
 * names in {@link #shared()}.
 */
public final class MemNetwork implements Transport {
    /**
     * The maximum number of bytes that one direction of a connection holds, like the two socket buffers of a small TCP
     * connection.
     */
    private static final int PIPE_BYTES = 64 * 1024;

    private static final MemNetwork SHARED = new MemNetwork();

    private final ConcurrentMap<String, MemServerChannel> listening = new ConcurrentHashMap<>();
    private final AtomicInteger acceptedOpen = new AtomicInteger();
    private final AtomicInteger nextName = new AtomicInteger();
    private volatile int acceptedMax = Integer.MAX_VALUE;

    /** Creates an empty network with its own names. */
    public MemNetwork() {}

    /** {@return the network that all code of this process shares} */
    public static MemNetwork shared() {
        return SHARED;
    }

    /**
     * Makes accepting fail with "too many open files" while this number of accepted connections, or more, are open. Any
     * thread may call this method.
     *
     * @param connections at least 0; with {@link Integer#MAX_VALUE}, the default, accepting never fails
     */
    public void limitAccepted(int connections) {
        acceptedMax = connections;
    }

    @Override
    public String name() {
        return "mem";
    }

    @Override
    public boolean supports(SocketAddress endpoint) {
        return endpoint instanceof MemAddress;
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        var address = (MemAddress) endpoint;
        // An empty name asks for any free name, as port 0 asks for a free port.
        if (address.name().isEmpty()) {
            address = new MemAddress("auto-" + nextName.incrementAndGet());
        }
        var channel = new MemServerChannel(this, address, options.backlogConnections());
        if (listening.putIfAbsent(address.name(), channel) != null) {
            throw new BindException("Address already in use");
        }
        return channel;
    }

    void unbind(MemServerChannel channel) {
        listening.remove(channel.localAddress().name(), channel);
    }

    MemServerChannel find(MemAddress address) throws ConnectException {
        MemServerChannel channel = listening.get(address.name());
        if (channel == null) {
            throw new ConnectException("Connection refused");
        }
        return channel;
    }

    boolean mayAccept() {
        if (acceptedOpen.incrementAndGet() > acceptedMax) {
            acceptedOpen.decrementAndGet();
            return false;
        }
        return true;
    }

    void acceptedClosed() {
        acceptedOpen.decrementAndGet();
    }

    int pipeBytes() {
        return PIPE_BYTES;
    }

    @Override
    public Poller openPoller() {
        return new MemPoller(this);
    }
}
