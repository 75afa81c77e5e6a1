package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.MemoryCap;
import dev.parley.net.systemd.InheritedSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of every server command: where it listens, how it reports this, and its limits. */
final class ServerOptions {
    private static final String INHERITED = "systemd:";

    /** Starts a server that listens at an address. */
    interface Listening<T> {
        T at(Address address) throws IOException;
    }

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ADDRESS",
            defaultValue = Address.DEFAULT,
            description = "Where to listen. Port 0 means a free port, host * every interface, and systemd: the socket"
                    + " that systemd passes. Default: ${DEFAULT-VALUE}")
    private String address = Address.DEFAULT;

    @Option(
            names = "--port-file",
            paramLabel = "FILE",
            description =
                    "Write the port to this file when the server listens. A file of an earlier run is removed first.")
    private @Nullable Path portFile;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "How many connections may be open at once; further ones are rejected. Default: ${DEFAULT-VALUE}")
    private int maxConnections;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "5m",
            description = "Close a connection after this time without a byte; 0 for never. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration idleTimeout;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "How many bytes to hold for all clients together: received and not handled, or not yet sent. Above it"
                            + " the largest connections wait, then are closed. Example: 32m. Default: three eighths of the heap.")
    private @Nullable Long maxMemoryBytes;

    @Option(names = "--show-limits", description = "Print every limit and timeout that would apply, and exit.")
    private boolean showLimits;

    @CommandLine.Mixin
    private final TransportOption transport = new TransportOption();

    @CommandLine.Mixin
    private final ServerTlsOptions tls = new ServerTlsOptions();

    @CommandLine.Mixin
    private final AccessOptions access = new AccessOptions();

    @Option(
            names = "--insecure",
            description =
                    "Listen at an address that other hosts can reach, without TLS and authorization. A socket that"
                            + " systemd passes needs no such permission.")
    private boolean insecure;

    @Option(names = "--json", description = "Print 'listening' as a line of JSON.")
    private boolean json;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.@Nullable CommandSpec spec;

    Address address() throws IOException {
        if (isInherited()) {
            Address inherited = inherited().address();
            return tls.firstGiven() == null ? inherited : tls.address(inherited.toString(), false);
        }
        boolean given =
                Objects.requireNonNull(spec).commandLine().getParseResult().hasMatchedPositional(0);
        return tls.address(address, given);
    }

    /**
     * Refuses an address at which other hosts can use the server, and read its clients' messages. If systemd passes the
     * socket, the administrator has chosen the address in its unit.
     */
    private void checkIsSecure(Address listening) {
        if (listening instanceof Address.Tcp tcp && !tcp.isLoopback() && !insecure && !isInherited()) {
            throw usage("other hosts can reach " + tcp + ", and could use this server and read what is sent: listen at"
                    + " localhost or a Unix socket, or at tls:// with --tls-cert, or allow it with --insecure");
        }
    }

    private boolean isInherited() {
        return address.equals(INHERITED);
    }

    private InheritedSocket inherited() throws IOException {
        return InheritedSocket.find()
                .orElseThrow(() -> usage(INHERITED
                        + " means a listening socket that systemd passes, but it has passed none: start this from"
                        + " a .socket unit with Accept=no"));
    }

    /** Returns the settings of the server's loop. */
    EventLoop.Builder loop(CliObserver observer) throws IOException {
        Limits limits = limits();
        Address listening = checkedAddress();
        EventLoop.Builder loop = isInherited()
                ? EventLoop.builder().transport(inherited().over(transport.transport()))
                : transport.loop();
        access.addTo(loop, listening, isInherited());
        if (listening instanceof Address.Tls) {
            loop.tls(tls.settings());
        }
        return loop.limits(limits).memory(memory()).observer(observer);
    }

    /** Returns the address. Throws a usage error if a server with these options must not, or cannot, listen there. */
    Address checkedAddress() throws IOException {
        Address listening = address();
        if (portFile != null && !(listening instanceof Address.Inet)) {
            throw usage("--port-file is for tcp: and tls: addresses; " + listening + " has no port");
        }
        if (portFile != null && portFile.toString().isBlank()) {
            throw usage("--port-file needs the name of a file");
        }
        checkIsSecure(listening);
        return listening;
    }

    /**
     * Listens at the address, and removes the port file of an earlier run before. If the server cannot listen, and the
     * file had the port of this address, the file is written back: the server that has the port has written it.
     */
    <T> T listen(Listening<T> server) throws IOException {
        Address listening = checkedAddress();
        if (portFile == null) {
            return server.at(listening);
        }
        String removed = PortFile.forget(portFile);
        try {
            return server.at(listening);
        } catch (IOException | RuntimeException e) {
            boolean isItsFile = listening instanceof Address.Inet inet && (inet.port() + "\n").equals(removed);
            if (removed != null && isItsFile) {
                PortFile.writeBack(portFile, removed);
            }
            throw e;
        }
    }

    private MemoryCap memory() {
        if (maxMemoryBytes == null) {
            return MemoryCap.shared();
        }
        if (maxMemoryBytes < 1) {
            throw usage("--max-memory is " + maxMemoryBytes + "; it must be at least 1");
        }
        return MemoryCap.of(maxMemoryBytes);
    }

    private Limits limits() {
        if (maxConnections < 1) {
            throw usage("--max-connections is " + maxConnections + "; it must be at least 1");
        }
        return Limits.DEFAULT.withConnectionsMax(maxConnections).withIdleTimeout(Objects.requireNonNull(idleTimeout));
    }

    /** Returns true if the command only prints the limits. */
    boolean showsLimits() {
        return showLimits;
    }

    /** Prints the limits on connections and memory, and further lines about the limits of the layer above. */
    void notifyLimits(Io io, List<String> further) throws Io.OutputClosedException {
        List<String> lines = new ArrayList<>(LimitsText.lines(limits()));
        lines.add(LimitsText.line("memoryBytesMax", memory().bytesMax()));
        lines.addAll(further);
        for (String line : lines) {
            io.outLine(line);
        }
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    /**
     * Reports that the server listens: prints the line about it, writes the port file, and notifies systemd. Called
     * when the server listens.
     */
    void notifyListening(Io io, Address listening, List<Address> bound) throws IOException {
        if (portFile != null && bound.getFirst() instanceof Address.Inet inet) {
            PortFile.write(portFile, inet.port());
        }
        if (json) {
            io.outLine("{\"event\": \"listening\", \"address\": " + Json.string(listening.toString()) + ", \"bound\": "
                    + Json.strings(bound) + "}");
        } else {
            io.outForeignLine("listening on " + listening);
        }
        ServiceStatus.ready(listening, io);
    }
}
