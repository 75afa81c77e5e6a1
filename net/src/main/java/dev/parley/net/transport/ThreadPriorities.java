package dev.parley.net.transport;

/**
 * Sets the priority that the operating system gives to threads, which the JVM does not do by default. A module that may
 * make system calls provides an implementation to {@link java.util.ServiceLoader}. The threads that compute handshakes
 * of TLS use it, so that the event loops go before them if all processors are busy.
 *
 * <p>Any thread may call its methods.
 */
public interface ThreadPriorities {
    /**
     * Lowers the priority of the calling thread, for the rest of its life: other threads of the machine that are ready
     * to run go before it, but it is still served. Does nothing if the system does not allow it.
     */
    void lower();
}
