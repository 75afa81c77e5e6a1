package dev.parley.cli;

import dev.parley.Client;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley health}: asks a server whether it serves, or prints how HAProxy asks it. */
@Command(
        name = "health",
        description = {
            "Ask a server whether it serves; for scripts, containers and load balancers.",
            "A server that is about to stop says 'draining', and the status is 1. A server whose cluster is away says"
                    + " 'isolated' if it has --health-needs-cluster, and the status is 1, too."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley health tcp://localhost:65432",
            "  parley health --haproxy tcp://10.0.7.11:65432 tcp://10.0.7.12:65432",
            "",
            ExitCode.TEXT
        })
final class HealthCommand extends LeafCommand {
    /** The built-in action of every server. */
    private static final String ACTION = "parley.health";

    private static final String SERVING = "serving";

    @Parameters(
            index = "0..*",
            arity = "0..*",
            paramLabel = "ADDRESS",
            defaultValue = Address.DEFAULT,
            description = "Where the server listens; with --haproxy, the servers. Default: ${DEFAULT-VALUE}")
    private List<String> addresses = List.of(Address.DEFAULT);

    @Option(
            names = "--haproxy",
            description = "Ask nothing, but print a backend for HAProxy with these servers and this check. If they have"
                    + " --tls-client-ca, the check needs a certificate: --tls-cert FILE, where FILE has its key too.")
    private boolean haproxy;

    @Option(
            names = "--send-proxy",
            description = "With --haproxy: the servers have --proxy-protocol-from, so HAProxy and its check say in the"
                    + " PROXY protocol whose connection it is.")
    private boolean sendProxy;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "2s",
            description = "How long to wait for the response; 0 for no limit. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Override
    public Integer call() throws Exception {
        if (haproxy) {
            for (String line : HaproxyBackend.lines(servers(), sendProxy, connect.certificateForHaproxy())) {
                io().outLine(line);
            }
            return ExitCode.OK;
        }
        if (sendProxy) {
            throw usage("--send-proxy is about the backend that --haproxy prints");
        }
        if (addresses.size() > 1) {
            throw usage("'" + addresses.get(1) + "' is one server too many; without --haproxy, one is asked");
        }
        return ask(reachable(connect.address(addresses.getFirst())));
    }

    private List<Address.Inet> servers() {
        return addresses.stream().map(this::server).toList();
    }

    private Address.Inet server(String text) {
        if (reachable(connect.address(text)) instanceof Address.Inet inet) {
            return inet;
        }
        throw usage("'" + text + "' has no port; HAProxy's servers are tcp: or tls: addresses here");
    }

    /** Returns the request for the health, as a client of the tutorial would send it. */
    static Message question() {
        return Message.json("{\"action\": \"" + ACTION + "\"}");
    }

    private int ask(Address to) throws IOException, InterruptedException {
        Duration patience = Objects.requireNonNull(timeout);
        var settings = connect.loop(to).limits(limitsWithin(patience)).observer(observer());
        try (Client client = Client.builder(to).plain(true).loop(settings).start()) {
            Message response = client.call(question(), CallCommand.within(patience));
            return print(to, response.json().path("status").asString(""));
        } catch (ContentException notOurs) {
            throw new PeerFailedException(ExitCode.PROTOCOL, to + " does not tell its health: " + notOurs.getMessage());
        } catch (RefusedException e) {
            if (e.code().equals(ErrorCode.GOING_AWAY.wire())) {
                return print(to, "draining");
            }
            throw new ResponsePrinter(io(), false).refused(e);
        }
    }

    private int print(Address to, String status) throws IOException {
        if (status.isEmpty()) {
            throw new PeerFailedException(ExitCode.PROTOCOL, to + " does not tell its health: is it an older Parley?");
        }
        io().outForeignLine(status);
        return status.equals(SERVING) ? ExitCode.OK : ExitCode.ERROR_RESPONSE;
    }
}
