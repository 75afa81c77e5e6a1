package dev.parley.cli;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.JsonText;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code parley app client}: the tutorial's application client. */
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
            converter = AddressConverter.class,
            description = "Where the server listens, such as " + Address.DEFAULT + ".")
    private @Nullable Address address;

    @Parameters(index = "1", paramLabel = "ACTION", description = "search, or any other word.")
    private String action = "";

    @Parameters(index = "2", paramLabel = "VALUE", description = "What to search for, or to send.")
    private String value = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description = "How long to wait for the answer. Default: ${DEFAULT-VALUE}")
    private @Nullable Duration timeout;

    @Option(names = "--json", description = "Print the response's header and content as a line of JSON.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Duration patience = Objects.requireNonNull(timeout);
        if (patience.isZero()) {
            throw usage("--timeout is 0; a call needs a bound");
        }
        Address to = reachable(Objects.requireNonNull(address));
        try (Client client = Client.plain(EventLoop.builder().events(events()), to)) {
            Message response = client.call(request(), patience);
            if (json) {
                io().outLine(asJson(response));
            } else if (response.status().isEmpty()) {
                print(response);
            }
            if (response.status().isPresent()) {
                throw new RefusedException(
                        response.status().get(),
                        to + " answered " + response.status().get() + ": " + result(response));
            }
            return ExitCode.OK;
        }
    }

    private Message request() {
        if (action.equals("search")) {
            return Message.json(
                    "{\"action\": " + JsonText.string(action) + ", \"value\": " + JsonText.string(value) + "}");
        }
        return Message.binary(BINARY_TYPE, (action + value).getBytes(StandardCharsets.UTF_8));
    }

    private void print(Message response) throws IOException {
        if (response.isJson()) {
            io().outLine(result(response));
        } else {
            io().out(response.content(), 0, response.content().length);
            io().outLine("");
        }
    }

    /** What the tutorial's client prints: the content's result; all of the content where it has none. */
    private static String result(Message response) {
        JsonNode content = response.jsonOrNull();
        if (content == null) {
            return new String(response.content(), StandardCharsets.UTF_8);
        }
        JsonNode result = content.get("result");
        return result != null && result.isString() ? result.stringValue() : content.toString();
    }

    private static String asJson(Message response) {
        JsonNode content = response.isJson() ? response.jsonOrNull() : null;
        String shown = content != null
                ? content.toString()
                : JsonText.string(new String(response.content(), StandardCharsets.ISO_8859_1));
        return "{\"status\": " + JsonText.string(response.status().orElse("ok")) + ", \"content_type\": "
                + JsonText.string(response.header().contentType()) + ", \"content\": " + shown + "}";
    }
}
