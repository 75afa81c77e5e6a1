package dev.parley.cli;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.net.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley actions}: shows which actions a server of messages has. */
@Command(
        name = "actions",
        description = {
            "Show which actions a server has, and what their questions and answers consist of.",
            "A server tells it to clients on its own host, or to those that show credentials."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley actions tcp://localhost:65432",
            "  parley actions unix:/tmp/app.sock --json",
            "  parley actions tcp://db:65432 --header 'authorization=Bearer 2f0c9d4e'",
            "",
            ExitCode.TEXT
        })
final class ActionsCommand extends LeafCommand {
    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            arity = "0..1",
            defaultValue = Address.DEFAULT,
            description = "Where the server listens. Default: ${DEFAULT-VALUE}")
    private String address = Address.DEFAULT;

    @Option(names = "--header", paramLabel = "KEY=VALUE", description = HeaderText.DESCRIPTION)
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(names = "--json", description = "Print the list as JSON.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "How long to wait for the response; 0 for no limit. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Override
    public Integer call() throws Exception {
        Address to = reachable(connect.address(address));
        var options = CallCommand.within(Objects.requireNonNull(timeout));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            try {
                options = HeaderText.add(header.getKey(), header.getValue(), options::withHeader);
            } catch (IllegalArgumentException e) {
                throw usage("--header " + header.getKey() + ": " + e.getMessage());
            }
        }
        try (Client client =
                Client.builder(to).loop(connect.loop(to).observer(observer())).start()) {
            Message answer = client.call(ActionsText.ACTION, Message.json("{}"), options);
            ActionsText actions = ActionsText.ofOrNull(answer);
            if (actions == null) {
                throw new PeerFailedException(
                        ExitCode.ERROR_RESPONSE, to + " does not tell its actions: its response has no list of them");
            }
            if (json) {
                new ResponsePrinter(io(), false).printContent(answer);
            } else {
                print(actions);
            }
            return ExitCode.OK;
        } catch (RefusedException e) {
            throw new ResponsePrinter(io(), false).refused(e);
        }
    }

    private void print(ActionsText actions) throws IOException {
        if (actions.signatures().isEmpty()) {
            io().outLine("no actions are registered by name; a default handler takes whatever comes");
        }
        for (String line : actions.lines()) {
            io().outForeignLine(line);
        }
    }
}
