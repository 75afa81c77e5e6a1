package dev.parley.net.transport;

import java.util.Optional;

/**
 * Provides a transport of another module, which {@link java.util.ServiceLoader} finds. The provider says whether the
 * transport can be used here: it may need an operating system, a kernel or a permission that is missing.
 *
 * {@snippet :
 * for (TransportProvider provider : ServiceLoader.load(TransportProvider.class)) {
 *     System.out.println(provider.name() + ": " + provider.unavailable().orElse("can be used"));
 * }
 * }
 *
 * <p>Any thread may call its methods.
 */
public interface TransportProvider {
    /** {@return the name of the transport, the same as {@link Transport#name}} */
    String name();

    /**
     * {@return whether the transport can be used without a warning of the JVM, because native access is enabled for its
     * module} If not, a loop uses the transport only if the user has chosen it by name.
     */
    boolean isEnabled();

    /** {@return why the transport cannot be used here, in words that follow "because"; empty if it can be used} */
    Optional<String> unavailable();

    /**
     * {@return the transport}
     *
     * @throws UnsupportedOperationException if the transport is {@linkplain #unavailable unavailable}
     */
    Transport open();
}
