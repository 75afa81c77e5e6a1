package dev.parley.net;

import dev.parley.net.nio.NioTransport;
import dev.parley.net.transport.Transport;
import dev.parley.net.transport.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Finds the transports, and decides which one a loop uses if the user names none. {@code nio} is always present; other
 * transports are present if {@link ServiceLoader} finds their modules.
 *
 * {@snippet :
 * EventLoop loop = EventLoop.builder().transport(Transports.named("nio")).start();
 * System.out.println(Transports.preferred().name()); // io_uring, if this kernel and this JVM allow it
 * }
 *
 * <p>Any thread may call these methods.
 */
public final class Transports {
    private static final String NIO = "nio";

    /** The preferred transport. It is determined once in a process, and only if it is needed. */
    private static final class Decided {
        static final Transport PREFERRED = prefer(Found.PROVIDERS);

        private Decided() {}
    }

    /** The transports of other modules. They are looked up once in a process, and only if they are needed. */
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
     * {@return the transport of a loop for which the user names none: the fastest one that can be used here without a
     * warning of the JVM} If the system refuses this transport to a loop nevertheless, that loop uses {@code nio}, and
     * {@link LoopObserver#servesInstead} is called with the reason.
     */
    public static Transport preferred() {
        return Decided.PREFERRED;
    }

    static Transport prefer(List<TransportProvider> providers) {
        for (TransportProvider provider : providers) {
            if (provider.isEnabled()) {
                Optional<String> reason = unavailable(provider);
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

    /** A provider that fails must not keep the command from starting, since {@code nio} is there. */
    private static Optional<String> unavailable(TransportProvider provider) {
        try {
            return provider.unavailable();
        } catch (RuntimeException | LinkageError broken) {
            return Optional.of(broken.toString());
        }
    }

    /**
     * {@return the names that {@link #named} accepts, {@code nio} first; some of these transports may not be usable
     * here}
     */
    public static List<String> names() {
        var names = new ArrayList<String>(List.of(NIO));
        Found.PROVIDERS.forEach(provider -> names.add(provider.name()));
        return List.copyOf(names);
    }

    /**
     * {@return the transport of this name}
     *
     * @param name such as {@code nio} or {@code io_uring}
     * @throws IllegalArgumentException if no transport of this name is on the module path or the class path, or it
     *     cannot be used here; the message says why
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
