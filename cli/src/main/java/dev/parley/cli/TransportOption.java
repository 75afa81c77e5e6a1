package dev.parley.cli;

import dev.parley.net.EventLoop;
import dev.parley.net.Transports;
import dev.parley.net.transport.Transport;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The option {@code --transport} of every command that has a loop. */
final class TransportOption {
    @Option(
            names = "--transport",
            paramLabel = "nio|io_uring",
            description = "The transport. Default: io_uring if this system allows it.")
    private @Nullable String name;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.@Nullable CommandSpec spec;

    /** Returns the settings of a loop with this transport. */
    EventLoop.Builder loop() {
        return name == null ? EventLoop.builder() : EventLoop.builder().transport(transport());
    }

    Transport transport() {
        try {
            return name == null ? Transports.preferred() : Transports.named(name);
        } catch (IllegalArgumentException unusable) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    Objects.requireNonNull(unusable.getMessage()),
                    unusable);
        }
    }
}
