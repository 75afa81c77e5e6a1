package dev.parley.net;

import dev.parley.net.nio.NioTransport;
import dev.parley.net.transport.Transport;
import dev.parley.net.transport.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Finds the transports: {@code nio} is always present, others if {@link ServiceLoader} finds their modules.
 *
 * {@snippet :
 * EventLoop loop = EventLoop.builder().transport(Transports.named("nio")).start();
 * System.out.println(Transports.preferred().name()); // io_uring, where this kernel and this JVM allow it
 * }
 *
 * <p>Any thread may call it.
 */
public final class Transports {
    private static final String NIO = "nio";

    /** Decided once in a process, and only where a loop has not been given one. */
    private static final class Decided {
        static final Transport PREFERRED = prefer(Found.PROVIDERS);

        private Decided() {}
    }

    /** Found once in a process. */
    private static final class Found {
        static final List<TransportProvider> PROVIDERS = load();

        private Found() {}

        private static List<TransportProvider> load() {
            ClassLoader ours = Transports.class.getClassLoader();
            return ServiceLoader.load(TransportProvider.class, ours).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
        }
    }

    private Transports() {}

    /**
     * {@return the transport of a loop for which none was named: the fastest that can be used here without a warning of
     * the JVM} If the system refuses it to a loop after all, that loop uses {@code nio}. {@link
     * LoopObserver#servesInstead} gets the reason.
     */
    public static Transport preferred() {
        return Decided.PREFERRED;
    }

    static Transport prefer(List<TransportProvider> providers) {
        for (TransportProvider provider : providers) {
            if (provider.isEnabled()) {
                Optional<String> reason = provider.unavailable();
                return reason.isEmpty()
                        ? new DefaultTransport(provider.open(), new NioTransport(), "")
                        : new DefaultTransport(
                                new NioTransport(),
                                null,
                                NIO + " is used, because " + provider.name() + " cannot be used: " + reason.get());
            }
        }
        return new NioTransport();
    }

    /** {@return the names that {@link #named} knows, {@code nio} first; not all of them need be usable here} */
    public static List<String> names() {
        var names = new ArrayList<String>(List.of(NIO));
        Found.PROVIDERS.forEach(provider -> names.add(provider.name()));
        return List.copyOf(names);
    }

    /**
     * {@return the transport of this name}
     *
     * @param name such as {@code nio} or {@code io_uring}
     * @throws IllegalArgumentException if no transport of this name is on the path, or it cannot be used here; the
     *     message says why
     */
    public static Transport named(String name) {
        if (name.equals(NIO)) {
            return new NioTransport();
        }
        for (TransportProvider provider : Found.PROVIDERS) {
            if (provider.name().equals(name)) {
                Optional<String> reason = provider.unavailable();
                if (reason.isPresent()) {
                    throw new IllegalArgumentException(
                            "the transport " + name + " cannot be used here: " + reason.get());
                }
                return provider.open();
            }
        }
        throw new IllegalArgumentException("there is no transport '" + name + "'; " + String.join(", ", names()));
    }
}
