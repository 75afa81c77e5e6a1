package dev.parley.cli;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.json.JsonText;
import dev.parley.net.Address;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley app client}: sends one request, as the tutorial's application client does. */
@Command(
        name = "client",
        description = {
            "Send one request of the tutorial's application and print the result.",
            "'search' is sent as JSON; any other action as bytes, action and value together."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley app client tcp://localhost:65432 search morpheus",
            "  parley app client tcp://localhost:65432 binary 12345678901234567890",
            "",
            ExitCode.TEXT
        })
final class AppClientCommand extends LeafCommand {
    private static final String BINARY_TYPE = "binary/custom-client-binary-type";

    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            description = "Where the server listens, such as " + Address.DEFAULT + ".")
    private String address = "";

    @Parameters(index = "1", paramLabel = "ACTION", description = "search, or any other word.")
    private String action = "";

    @Parameters(index = "2", paramLabel = "VALUE", description = "What to search for, or to send.")
    private String value = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "How long to wait for the response; 0 for no limit. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print the response's header and content as a line of JSON.")
    private boolean json;

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Override
    public Integer call() throws Exception {
        Address to = reachable(connect.address(address));
        try (Client client = Client.builder(to)
                .plain(true)
                .loop(connect.loop(to).observer(observer()))
                .start()) {
            Message request = request();
            Message response = client.call(request, CallCommand.within(Objects.requireNonNull(timeout)));
            check(to, request, response);
            new ResponsePrinter(io(), json).print(response);
            return ExitCode.OK;
        } catch (RefusedException e) {
            throw new ResponsePrinter(io(), json).refused(e);
        }
    }

    private Message request() {
        if (action.equals("search")) {
            return Message.json(
                    "{\"action\": " + JsonText.string(action) + ", \"value\": " + JsonText.string(value) + "}");
        }
        return Message.binary(BINARY_TYPE, (action + value).getBytes(StandardCharsets.UTF_8));
    }

    /** Throws if a server of this application cannot have sent the response. */
    private static void check(Address from, Message request, Message response) throws PeerFailedException {
        boolean sameType =
                response.header().contentType().equals(request.header().contentType());
        if (sameType && Arrays.equals(request.content(), response.content())) {
            throw new PeerFailedException(
                    ExitCode.PROTOCOL,
                    from + " sent the request back as it was: it seems to be an echo server, not 'parley app server'");
        }
        ResponsePrinter.check(from.toString(), response);
    }
}
