package dev.parley.net.mem;

import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A name inside a {@link MemNetwork}. It is a value: it is immutable, and equal to another one with the same name. */
public final class MemAddress extends SocketAddress {
    private static final long serialVersionUID = 1L;

    private final String name;

    /**
     * Creates the endpoint of a name.
     *
     * @param name the name without the scheme; an empty name means the unnamed end of a peer that connects or, to
     *     listen, any free name
     */
    public MemAddress(String name) {
        this.name = Objects.requireNonNull(name);
    }

    /** {@return the name, without the scheme} */
    public String name() {
        return name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MemAddress that && that.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return "mem:" + name;
    }
}
