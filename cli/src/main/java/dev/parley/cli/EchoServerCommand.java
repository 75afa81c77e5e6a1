package dev.parley.cli;

import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code parley echo server}: an echo server with blocking streams. */
@Command(
        name = "server",
        description = "Send every byte back until the peer ends, with a virtual thread for each connection.",
        footerHeading = "%nExample:%n",
        footer = {
            "  parley echo server tcp://localhost:0 --port-file port",
            "  parley echo server unix:/tmp/echo.sock",
            "",
            ExitCode.TEXT
        })
final class EchoServerCommand extends LeafCommand {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        if (options.showsLimits()) {
            options.notifyLimits(io(), List.of());
            return ExitCode.OK;
        }
        EventLoop.Builder loop = options.loop(observer());
        try (var listener = options.listen(address -> Listener.open(loop, reachable(address)));
                var _ = Shutdown.closes(listener, io())) {
            options.notifyListening(io(), listener.address(), listener.addresses());
            listener.serve(connection -> connection.in().transferTo(connection.out()));
        }
        return ExitCode.OK;
    }
}
