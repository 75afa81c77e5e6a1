package dev.parley.net.transport;

import java.util.Optional;

/**
 * Provides a transport that is a module of its own, found by {@link java.util.ServiceLoader}. It says whether it can be
 * used here, since it may need a system, a kernel or a permission that is not there.
 *
 * {@snippet :
 * for (TransportProvider provider : ServiceLoader.load(TransportProvider.class)) {
 *     System.out.println(provider.name() + ": " + provider.unavailable().orElse("can be used"));
 * }
 * }
 *
 * <p>Any thread may call it.
 */
public interface TransportProvider {
    /** {@return the name of its transport, as {@link Transport#name} gives it} */
    String name();

    /**
     * {@return whether it may be used without a warning of the JVM, since native access is enabled for its module} If
     * not, it is used only if it is named.
     */
    boolean isEnabled();

    /** {@return why it cannot be used here, in words that follow "because"; empty if it can} */
    Optional<String> unavailable();

    /**
     * {@return its transport}
     *
     * @throws UnsupportedOperationException if it is {@link #unavailable}
     */
    Transport open();
}
