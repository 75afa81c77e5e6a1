package dev.parley.net.transport;

import java.io.IOException;
import java.util.Optional;

/**
 * Sends datagrams to Unix sockets, for which the JDK has no class. A module that may make system calls provides an
 * implementation to {@link java.util.ServiceLoader}; {@link dev.parley.net.systemd.ServiceManager} uses it.
 *
 * <p>Any thread may call its methods.
 */
public interface UnixDatagrams {
    /** {@return why datagrams cannot be sent here, in words that follow "because"; empty if they can be sent} */
    Optional<String> unavailable();

    /**
     * Sends one datagram (sendto(2)). Waits while the receiver's queue is full.
     *
     * @param name the receiver: an absolute path, or an abstract name that begins with {@code @} (unix(7))
     * @param message the bytes of the datagram
     * @throws IOException if the system refuses
     */
    void send(String name, byte[] message) throws IOException;
}
