package dev.parley.tests.commands;

import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.HostResolver;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.Transports;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Causes all errors of the system that can be caused on every machine, and prints the outcome of each, one a line. */
final class ForeignErrors {
    private static final Receiver IGNORING = (connection, bytes) -> {};

    private final EventLoop loop;
    private final Path directory;

    private ForeignErrors(EventLoop loop, Path directory) {
        this.loop = loop;
        this.directory = directory;
    }

    /** {@code TRANSPORT DIRECTORY}: the directory is there and empty. */
    public static void main(String[] args) throws Exception {
        // The second loopback is not there, as on a host that has IPv6 for other networks alone.
        HostResolver hostResolver =
                name -> List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("2001:db8::1"));
        EventLoop.Builder settings =
                EventLoop.builder().transport(Transports.named(args[0])).hostResolver(hostResolver);
        try (EventLoop loop = settings.start()) {
            new ForeignErrors(loop, Path.of(args[1])).run();
        }
    }

    private void run() throws Exception {
        LoopListener taken = loop.listen("tcp://127.0.0.1:0", IGNORING);
        listen("taken", taken.address().toString());
        taken.close();
        connect("refused", taken.address().toString());
        listen("elsewhere", "tcp://192.0.2.1:0");
        listen("one family is not here", "tcp://both.example:0");
        connect("broadcast", "tcp://127.255.255.255:9");
        connect("no file", "unix:" + directory.resolve("none"));
        Path file = Files.createFile(directory.resolve("file"));
        listen("a file", "unix:" + file);
        connect("to a file", "unix:" + file);
        listen("no directory", "unix:" + directory.resolve("no/socket"));
        waitForAPlace(directory.resolve("full"));
    }

    /** Waits as long as the queue is full. */
    private void waitForAPlace(Path path) throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path), 1);
            try (var first = SocketChannel.open(UnixDomainSocketAddress.of(path));
                    var second = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                var ended = new CompletableFuture<String>();
                loop.connect("unix:" + path, new Ends(ended));
                for (int left = 3; left > 0; left--) {
                    server.accept().close(); // those two, and the one that has to wait for them
                }
                say("full queue", ended.get(60, TimeUnit.SECONDS) + first.isOpen() + second.isOpen());
            }
        }
    }

    private void listen(String what, String address) {
        try (LoopListener listener = loop.listen(address, IGNORING)) {
            say(what, "listens, " + listener.addresses().size());
        } catch (BindFailedException e) {
            say(
                    what,
                    e.networkError() + ", "
                            + (String.valueOf(e.getMessage())
                                            .contains(e.networkError().text())
                                    ? "said"
                                    : e.getMessage()));
        }
    }

    private void connect(String what, String address) throws Exception {
        var ended = new CompletableFuture<String>();
        loop.connect(address, new Ends(ended));
        say(what, ended.get(60, TimeUnit.SECONDS));
    }

    private static void say(String what, String outcome) {
        System.out.println(what + ": " + outcome);
    }

    private record Ends(CompletableFuture<String> ended) implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            ended.complete("open");
            connection.close();
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            Throwable cause = connection.closeCause();
            ended.complete(
                    cause instanceof ConnectFailedException failed ? "" + failed.networkError() : reason + " " + cause);
        }
    }
}
