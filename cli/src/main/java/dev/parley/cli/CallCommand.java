package dev.parley.cli;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ContentException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.cli.completion.ActionsCompleter;
import dev.parley.cli.completion.Candidate;
import dev.parley.cli.files.FileFailedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.names.ActionName;
import dev.parley.net.Address;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley call}: sends one request to a server of messages, and prints the response. */
@Command(
        name = "call",
        description = {
            "Send one request to the handler of an action and print the content of its response.",
            "A server of the tutorial is recognized, and gets the request in its own format."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley call tcp://localhost:65432 search '{\"value\": \"morpheus\"}'",
            "  parley call tcp://localhost:65432 echo '{\"value\": [1, 2]}' --json",
            "  parley call tcp://localhost:65432 watch '{\"symbol\": \"PRLY\"}' --stream",
            "  parley call unix:/tmp/app.sock store @picture.png --raw --header name=picture",
            "",
            ExitCode.TEXT
        })
final class CallCommand extends LeafCommand implements ActionsCompleter {
    /** The time in which a server must accept a connection while the user waits for a completion. */
    private static final Duration TAB_PATIENCE = Duration.ofSeconds(1);

    /** A JVM that has just started takes most of a second for its first handshake, and more on a busy machine. */
    private static final Duration TAB_PATIENCE_TLS = Duration.ofSeconds(4);

    private static final int INPUT_BYTES_MAX = 64 * 1024 * 1024;

    @Parameters(
            index = "0",
            paramLabel = "ADDRESS",
            description = "Where the server listens, such as " + Address.DEFAULT + ".")
    private String address = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ACTION",
            description = "The name of the handler; without it, the error says which actions the server has.")
    private @Nullable String action;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "JSON|@FILE|-",
            defaultValue = "{}",
            description = "The content: JSON, @FILE for a file, or - for standard input. Default: ${DEFAULT-VALUE}")
    private String content = "{}";

    @Option(names = "--header", paramLabel = "KEY=VALUE", description = HeaderText.DESCRIPTION)
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(
            names = "--raw",
            description = "The content is bytes: they are sent and printed as they are, and not read as JSON.")
    private boolean raw;

    @Option(names = "--json", description = "Print the response's header and content as a line of JSON.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to wait for the response; 0 for no limit. Default: 10s, and no limit with --stream")
    private @Nullable Duration timeout;

    @Option(
            names = "--stream",
            description = "Read a stream as the response, and print each of its messages. Ctrl-C cancels it.")
    private boolean stream;

    @Option(
            names = "--accept-error-text",
            description =
                    "End with status 0 if the response is {\"result\": \"Error: ...\"}. The tutorial's server has no"
                            + " other way to say that it refuses a request, so this is status 1 by default.")
    private boolean acceptErrorText;

    @Option(
            names = "--one-way",
            description =
                    "Ask for no response, and end as soon as the request is sent. Errors of the server are not reported.")
    private boolean oneWay;

    @Mixin
    private final ConnectOptions connect = new ConnectOptions();

    @Override
    public Integer call() throws Exception {
        Address to = reachable(connect.address(address));
        if (action == null) {
            throw usage("ACTION is missing; " + actionsOrExample(to));
        }
        if (!ActionName.isValid(action)) {
            throw usage("'" + action + "' is not an action name; it must be " + ActionName.RULE);
        }
        if (stream && oneWay) {
            throw usage("--stream and --one-way exclude each other: a stream is an answer");
        }
        Message request = request();
        var settings = connect.loop(to).observer(observer());
        try (Client client = Client.builder(to).loop(settings).start()) { // so that --timeout also bounds the connect
            return send(client, action, request);
        }
    }

    private int send(Client client, String name, Message request) throws IOException, InterruptedException {
        try {
            if (stream) {
                printAll(client, name, request, options());
            } else if (oneWay) {
                var _ = client.call(name, request.with(Header.REPLY, false), options());
            } else {
                print(client.call(name, request, options()));
            }
            return ExitCode.OK;
        } catch (RefusedException e) {
            RefusedException refused = new ResponsePrinter(io(), json).refused(e);
            ActionsText actions = e.code().equals(ErrorCode.BAD_CONTENT.wire())
                    ? ActionsText.ask(client, headers.get(Header.AUTHORIZATION), ActionsText.PATIENCE)
                    : null;
            String question = actions == null ? null : actions.question(name);
            if (question == null) {
                throw refused;
            }
            String why = String.valueOf(e.getMessage());
            String end = why.endsWith("?") ? " " : "; ";
            throw new PeerFailedException(ExitCode.ERROR_RESPONSE, why + end + "'" + name + "' takes " + question, e);
        }
    }

    /** Returns the actions of the server for an error message, or an example if the server does not tell them. */
    private String actionsOrExample(Address to) throws IOException, InterruptedException {
        try (Client client = Client.builder(to).loop(connect.loop(to)).start()) {
            ActionsText actions = ActionsText.ask(client, headers.get(Header.AUTHORIZATION), ActionsText.PATIENCE);
            String signatures = actions == null ? "" : actions.signatures();
            return signatures.isEmpty()
                    ? "for example: parley call " + to + " search '{\"value\": \"morpheus\"}'"
                    : to + " has " + signatures;
        }
    }

    @Override
    public List<Candidate> actions() throws InterruptedException {
        try {
            Address to = reachable(connect.address(address));
            Duration patience = to instanceof Address.Tls ? TAB_PATIENCE_TLS : TAB_PATIENCE;
            var settings = connect.loop(to).limits(limitsWithin(patience));
            try (Client client = Client.builder(to).loop(settings).start()) {
                ActionsText actions = ActionsText.ask(client, headers.get(Header.AUTHORIZATION), patience);
                return actions == null ? List.of() : actions.candidates();
            }
        } catch (IOException | RuntimeException notToBeCompleted) {
            return List.of();
        }
    }

    private CallOptions options() {
        return timeout == null ? CallOptions.DEFAULT : within(timeout);
    }

    /** Returns the options of a call with the time limit that the user named: 0 stands for no limit. */
    static CallOptions within(Duration timeout) {
        return timeout.isZero() ? CallOptions.DEFAULT.withoutTimeout() : CallOptions.timeout(timeout);
    }

    private void printAll(Client client, String name, Message request, CallOptions options) throws IOException {
        Action<Message, Message> asked = Action.of(name, Message.class, Message.class);
        try (InStream<Message> answers = client.stream(asked, request, options)) {
            for (Message next = answers.receive(); next != null; next = answers.receive()) {
                print(next);
            }
        }
    }

    private void print(Message response) throws IOException {
        var printer = new ResponsePrinter(io(), json);
        if (json) {
            printer.print(response);
        } else if (raw) {
            io().outForeign(response.content(), 0, response.content().length);
            if (io().isTerminal()) {
                io().endForeign();
            }
        } else {
            printer.printContent(response);
        }
        if (!raw) {
            ResponsePrinter.check(address, response);
        }
        if (!raw && !acceptErrorText && ResponsePrinter.isErrorText(response)) {
            throw new PeerFailedException(
                    ExitCode.ERROR_RESPONSE,
                    address + " refused the request, by the tutorial's error text; --accept-error-text makes this"
                            + " status 0");
        }
    }

    private Message request() throws IOException {
        byte[] bytes = contentBytes();
        Message request = raw ? Message.binary("application/octet-stream", bytes) : Message.json(bytes);
        if (!raw && bytes.length == 0) {
            throw usage("the input is empty; it must be JSON, such as {}");
        }
        if (!raw) {
            checkJson(request);
        }
        for (Map.Entry<String, String> header : headers.entrySet()) {
            request = with(request, header.getKey(), header.getValue());
        }
        return request;
    }

    private void checkJson(Message request) {
        try {
            request.scan();
        } catch (ContentException e) {
            throw usage(e.getMessage() + "; a string needs quotes: '\"text\"'; bytes need --raw");
        }
    }

    private Message with(Message request, String key, String value) {
        try {
            return HeaderText.add(key, value, request::with);
        } catch (IllegalArgumentException e) {
            throw usage("--header " + key + ": " + e.getMessage());
        }
    }

    private byte[] contentBytes() throws IOException {
        if (content.equals("-")) {
            return standardInput();
        }
        if (!content.startsWith("@")) {
            return content.getBytes(StandardCharsets.UTF_8);
        }
        if (content.equals("@")) {
            throw usage("'@' needs the name of a file: @FILE");
        }
        Path file = Path.of(content.substring(1));
        try (InputStream in = Files.newInputStream(file)) {
            return atMostOneMessage(in);
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "there is no such file" : FileFailedException.reason(e);
            throw usage("cannot read " + file + ": " + why);
        }
    }

    private byte[] standardInput() throws IOException {
        try {
            return atMostOneMessage(io().in());
        } catch (IOException e) {
            throw new InputFailedException(e);
        }
    }

    /** Reads the whole content. A pipe or a device does not say how long it is, and may have no end. */
    private byte[] atMostOneMessage(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(INPUT_BYTES_MAX + 1);
        if (bytes.length > INPUT_BYTES_MAX) {
            throw tooLarge();
        }
        return bytes;
    }

    private RuntimeException tooLarge() {
        return usage("the content has more than " + INPUT_BYTES_MAX + " bytes; one message holds less");
    }
}
