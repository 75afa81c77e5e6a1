package dev.parley.tests.contract;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The variants over which the contract runs: one transport and one kind of address each. */
enum Wire {
    MEM,
    TCP_IPV4,
    TCP_IPV6,
    UNIX,
    URING_IPV4,
    URING_IPV6,
    URING_UNIX,
    TLS_MEM,
    TLS_TCP,
    TLS_URING;

    /**
     * Returns the variants of this run: those that {@code -Dparley.wires=MEM,TCP_IPV4} names, or all but TLS inside the
     * process, which tests little that TLS over sockets does not.
     */
    static Stream<Wire> wanted() {
        String names = System.getProperty("parley.wires", "");
        return names.isEmpty()
                ? Stream.of(values()).filter(wire -> wire != TLS_MEM)
                : Stream.of(names.split(",")).map(Wire::valueOf);
    }

    /** Returns whether an abrupt close can be told apart from an orderly one: a Unix socket has no reset. */
    boolean hasResets() {
        return this != UNIX && this != URING_UNIX;
    }

    boolean isMem() {
        return this == MEM || this == TLS_MEM;
    }

    /**
     * Returns whether a connect ends only when both sides have shaken hands, so that it fails for a connection that is
     * turned away.
     */
    boolean isTls() {
        return this == TLS_MEM || this == TLS_TCP || this == TLS_URING;
    }

    boolean isTcp() {
        return !isMem() && hasResets();
    }

    /** Returns the settings of a loop for it; each test has a network of its own. */
    EventLoop.Builder settings(MemNetwork network) {
        EventLoop.Builder settings = EventLoop.builder();
        if (isTls()) {
            settings.tls(TestCertificates.ofBothSides());
        }
        return settings.transport(
                switch (this) {
                    case MEM -> network;
                    case TCP_IPV4, TCP_IPV6, UNIX -> Usable.transport("nio");
                    case URING_IPV4, URING_IPV6, URING_UNIX -> Usable.transport("io_uring");
                    case TLS_MEM -> TestCertificates.ofBothSides().over(network);
                    case TLS_TCP -> Usable.transport("nio");
                    case TLS_URING -> Usable.transport("io_uring");
                });
    }

    /** Returns a free address. */
    Address free() {
        return switch (this) {
            case MEM, TLS_MEM -> Address.parse("mem:");
            case TCP_IPV4, URING_IPV4 -> Address.parse("tcp://127.0.0.1:0");
            case TLS_TCP, TLS_URING -> Address.parse("tls://127.0.0.1:0");
            case TCP_IPV6, URING_IPV6 -> Address.parse("tcp://[::1]:0");
            case UNIX, URING_UNIX -> new Address.Unix(temporaryDirectory().resolve("s"));
        };
    }

    /** Returns an address on which no server listens. */
    Address unused() {
        return switch (this) {
            case MEM, TLS_MEM -> Address.parse("mem:nobody");
            case TCP_IPV4, URING_IPV4 -> Address.parse("tcp://127.0.0.1:1");
            case TLS_TCP, TLS_URING -> Address.parse("tls://127.0.0.1:1");
            case TCP_IPV6, URING_IPV6 -> Address.parse("tcp://[::1]:1");
            case UNIX, URING_UNIX -> new Address.Unix(temporaryDirectory().resolve("nobody"));
        };
    }

    static Path temporaryDirectory() {
        try {
            Path directory = Files.createTempDirectory("parley");
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
