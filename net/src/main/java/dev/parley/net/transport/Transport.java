package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;

/**
 * How bytes move for an address: over the JDK's selectors, io_uring, or inside the process.
 *
 * <p>A transport has no state of its own that a loop could see; it may be used from any thread.
 */
public interface Transport {
    /** The name in messages and on the command line, such as {@code nio}. */
    String name();

    /** Whether this transport can listen on and connect to endpoints of this kind. */
    boolean supports(SocketAddress endpoint);

    /**
     * Binds and listens; does not accept before the channel is registered with a poller.
     *
     * @param endpoint a resolved address; port 0 lets the system choose
     * @throws IOException the system's own error, such as {@link java.net.BindException}
     */
    ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException;

    /** Opens what one loop needs to wait for its channels. */
    Poller openPoller() throws IOException;
}
