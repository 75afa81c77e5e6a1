package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** The options of every command that connects: the transport, and TLS. */
final class ConnectOptions {
    @Mixin
    private final TransportOption transport = new TransportOption();

    @Mixin
    private final ClientTlsOptions tls = new ClientTlsOptions();

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.@Nullable CommandSpec spec;

    /**
     * Returns the address of the server.
     *
     * @param text the command's first argument, or its default value
     */
    Address address(String text) {
        boolean given =
                Objects.requireNonNull(spec).commandLine().getParseResult().hasMatchedPositional(0);
        return tls.address(text, given);
    }

    /** Returns the certificate for HAProxy, see {@link TlsOptions#certificateForHaproxy}; null if there is none. */
    @Nullable
    Path certificateForHaproxy() {
        return tls.certificateForHaproxy();
    }

    /** Returns the settings of a loop that connects to this address. */
    EventLoop.Builder loop(Address to) throws IOException {
        EventLoop.Builder settings = transport.loop();
        return to instanceof Address.Tls && tls.firstGiven() != null ? settings.tls(tls.settings()) : settings;
    }
}
