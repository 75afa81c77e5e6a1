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
import tools.jackson.databind.JsonNode;

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

    @Option(
            names = "--header",
            paramLabel = "KEY=VALUE",
            description = "Add a key to the request's header, such as authorization.")
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
    private final TransportOption transport = new TransportOption();

    @Override
    public Integer call() throws Exception {
        Address to = reachable(Address.parse(address));
        var options = CallCommand.within(Objects.requireNonNull(timeout));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            try {
                options = options.withHeader(header.getKey(), header.getValue());
            } catch (IllegalArgumentException e) {
                throw usage("--header " + header.getKey() + ": " + e.getMessage());
            }
        }
        try (Client client =
                Client.builder(to).loop(transport.loop().observer(observer())).start()) {
            Message answer = client.call("parley.actions", Message.json("{}"), options);
            if (json) {
                new ResponsePrinter(io(), false).printContent(answer);
            } else {
                print(answer.json());
            }
            return ExitCode.OK;
        } catch (RefusedException e) {
            throw new ResponsePrinter(io(), false).refused(e);
        }
    }

    private void print(JsonNode list) throws IOException {
        if (list.path("actions").isEmpty()) {
            io().outLine("no actions are registered by name; a default handler takes whatever comes");
        }
        for (JsonNode action : list.path("actions")) {
            String of = action.path("kind").asString("");
            String kind = of.equals("call") ? "" : "  [" + of + "]";
            io().outForeignLine(action.path("name").asString("") + "("
                    + action.path("question").asString("") + "): "
                    + action.path("answer").asString("") + kind);
        }
        for (Map.Entry<String, JsonNode> type : list.path("types").properties()) {
            io().outForeignLine("  " + type.getKey() + ": " + members(type.getValue()));
        }
    }

    private static String members(JsonNode type) {
        var members = new StringBuilder();
        if (type.isArray()) {
            for (JsonNode constant : type) {
                members.append(members.isEmpty() ? "one of " : ", ").append(constant.asString(""));
            }
        }
        for (Map.Entry<String, JsonNode> component : type.properties()) {
            members.append(members.isEmpty() ? "" : ", ")
                    .append(component.getKey())
                    .append(' ')
                    .append(component.getValue().asString(""));
        }
        return members.toString();
    }
}
