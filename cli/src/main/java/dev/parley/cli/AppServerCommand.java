package dev.parley.cli;

import dev.parley.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley app server}: answers as the tutorial's application server does. */
@Command(
        name = "server",
        description = {
            "Answer the tutorial's application messages: a 2-byte length, a JSON header, content.",
            "Knows 'search' for morpheus, ring and \ud83d\udc36; shows the first bytes of what is not JSON."
        },
        footerHeading = "%nExample:%n",
        footer = {"  parley app server", "  parley app server unix:/tmp/app.sock", "", ExitCode.TEXT})
final class AppServerCommand extends LeafCommand {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Option(
            names = "--close-after-response",
            description = "Close each connection after its first response, as the tutorial's server does.")
    private boolean closeAfterResponse;

    @Override
    public Integer call() throws Exception {
        CliEvents events = events();
        try (Server server = Server.builder(new SearchApp())
                        .loop(options.loop(events))
                        .events(events)
                        .closeAfterResponse(closeAfterResponse)
                        .listen(reachable(options.address()));
                var _ = Shutdown.closes(server, io())) {
            options.tellListening(io(), server.address(), server.addresses());
            server.join();
        }
        return ExitCode.OK;
    }
}
