package dev.parley.uring;

import dev.parley.net.transport.Transport;
import dev.parley.net.transport.TransportProvider;
import java.util.Optional;
import java.util.Set;

/** The provider of io_uring. {@link java.util.ServiceLoader} finds this class and creates its instance. */
public final class UringProvider implements TransportProvider {
    /** The result of the probe. It is determined once in a process, because the kernel stays the same. */
    private static final class Here {
        static final Probe.Found FOUND = Probe.look(Set.of());

        private Here() {}
    }

    /** Called by {@link java.util.ServiceLoader}. */
    public UringProvider() {}

    @Override
    public String name() {
        return UringTransport.NAME;
    }

    @Override
    public boolean isEnabled() {
        return UringProvider.class.getModule().isNativeAccessEnabled();
    }

    @Override
    public Optional<String> unavailable() {
        return Here.FOUND.isEnough() ? Optional.empty() : Optional.of(Here.FOUND.reason());
    }

    @Override
    public Transport open() {
        String reason = unavailable().orElse("");
        if (!reason.isEmpty()) {
            throw new UnsupportedOperationException("io_uring cannot be used: " + reason);
        }
        return new UringTransport(Here.FOUND.features());
    }
}
