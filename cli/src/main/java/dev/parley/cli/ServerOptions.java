package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.DescriptorLimit;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What every server command has: where to listen, how to tell it, its limits, and how it ends. */
final class ServerOptions {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ADDRESS",
            converter = AddressConverter.class,
            defaultValue = Address.DEFAULT,
            description = "Where to listen; port 0 takes a free one, host * every interface. Default: ${DEFAULT-VALUE}")
    private @Nullable Address address;

    @Option(
            names = "--port-file",
            paramLabel = "FILE",
            description = "Write the port that was taken to this file, when it listens.")
    private @Nullable Path portFile;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Connections open at once; the next one is closed at once. Default: ${DEFAULT-VALUE}")
    private int maxConnections;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "5m",
            description = "Close a connection after so long without a byte; 0 for never. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration idleTimeout;

    @Option(names = "--json", description = "Say 'listening' as a line of JSON.")
    private boolean json;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.@Nullable CommandSpec spec;

    Address address() {
        return Objects.requireNonNull(address);
    }

    /** Settings of the server's loop; tells of a limit of the system that will not do. */
    EventLoop.Builder loop(CliEvents events) {
        if (maxConnections < 1) {
            throw usage("--max-connections is " + maxConnections + "; at least 1");
        }
        if (portFile != null && !(address() instanceof Address.Tcp)) {
            throw usage("--port-file is for tcp: addresses; " + address() + " has no port");
        }
        DescriptorLimit.warningFor(maxConnections).ifPresent(events::warned);
        Limits limits =
                Limits.DEFAULT.withConnectionsMax(maxConnections).withIdleTimeout(Objects.requireNonNull(idleTimeout));
        return EventLoop.builder().limits(limits).events(events);
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    /** The one line of a server, and its port for scripts; called when it listens. */
    void tellListening(Io io, Address listening, List<Address> bound) throws IOException {
        if (portFile != null && bound.getFirst() instanceof Address.Tcp tcp) {
            writeWhole(portFile, tcp.port() + "\n");
        }
        if (json) {
            io.outLine("{\"event\": \"listening\", \"address\": " + Json.string(listening.toString()) + ", \"bound\": "
                    + Json.strings(bound) + "}");
        } else {
            io.outLine("listening on " + listening);
        }
    }

    /** A reader must never see half of it; what is no plain file, such as a device or a link, is written through. */
    private static void writeWhole(Path file, String text) throws IOException {
        boolean special =
                Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
        if (special && !Files.isDirectory(file)) {
            Files.writeString(file, text);
            return;
        }
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new IOException(
                    "cannot write the port file " + file + ": " + e.getClass().getSimpleName(), e);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
