package dev.parley.cli;

import dev.parley.net.EventLoop;
import dev.parley.net.LoopListener;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code parley multi server}: an echo server for thousands of connections, on one thread. */
@Command(
        name = "server",
        description = "Send every byte back to any number of clients, all on one event loop.",
        footerHeading = "%nExample:%n",
        footer = {
            "  parley multi server",
            "  parley multi server 'tcp://*:65432' --insecure --idle-timeout 0",
            "",
            ExitCode.TEXT
        })
final class MultiServerCommand extends LeafCommand {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        if (options.showsLimits()) {
            options.notifyLimits(io(), List.of());
            return ExitCode.OK;
        }
        try (EventLoop loop = options.loop(observer()).start();
                LoopListener listener = options.listen(
                        address -> loop.listen(reachable(address), (connection, bytes) -> connection.send(bytes)));
                var _ = Shutdown.closes(loop, io())) {
            options.notifyListening(io(), listener.address(), listener.addresses());
            loop.join();
        }
        return ExitCode.OK;
    }
}
