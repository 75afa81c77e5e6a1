package dev.parley.net.transport;

import java.util.Optional;

/**
 * A transport that is a module of its own, found by {@link java.util.ServiceLoader}. It says whether it can be used
 * here, since it may need a system, a kernel or a permission that is not there.
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
     * {@return whether it may be asked further without the JVM's printing a warning: native access is enabled for its
     * module} Where not, it is used only when somebody names it.
     */
    boolean isEnabled();

    /** {@return why it cannot be used here, in words that follow "because"; empty where it can} */
    Optional<String> unavailable();

    /**
     * {@return its transport}
     *
     * @throws UnsupportedOperationException if it is {@link #unavailable}
     */
    Transport open();
}
