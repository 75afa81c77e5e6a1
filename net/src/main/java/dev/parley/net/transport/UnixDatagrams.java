package dev.parley.net.transport;

import java.io.IOException;
import java.util.Optional;

/**
 * Sends datagrams to Unix sockets, for which the JDK has no class. A module that may make system calls provides it to
 * {@link java.util.ServiceLoader}; {@link dev.parley.net.systemd.ServiceManager} asks for it.
 *
 * <p>Any thread may call it.
 */
public interface UnixDatagrams {
    /** {@return why it cannot be used here, in words that follow "because"; empty if it can} */
    Optional<String> unavailable();

    /**
     * Sends one datagram (sendto(2)); waits while the receiver's queue is full.
     *
     * @param name an absolute path, or an abstract name that begins with {@code @} (unix(7))
     * @param message all of it
     * @throws IOException if the system refuses
     */
    void send(String name, byte[] message) throws IOException;
}
