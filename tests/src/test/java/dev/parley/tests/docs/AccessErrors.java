package dev.parley.tests.docs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.nio.NioTransport;
import dev.parley.net.proxy.ProxyProtocol;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.UnixAccess;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.docs.ErrorsPageTest.Situation;
import java.io.IOException;
import java.util.Map;

/** Causes the errors about who may connect: the users of a Unix socket, and proxies in front of a server. */
final class AccessErrors {
    private AccessErrors() {}

    static void addTo(Map<String, Situation> all) {
        all.put("A group that does not exist", AccessErrors::noSuchGroup);
        all.put("A user who may not connect to a Unix socket", AccessErrors::anotherUser);
        all.put("A connection that does not come from a proxy", AccessErrors::noProxy);
        all.put("A connection without a header of the PROXY protocol", AccessErrors::noHeader);
    }

    private static EventLoop.Builder settings(ErrorStage stage) {
        return EventLoop.builder()
                .transport(new NioTransport())
                .observer(stage.log)
                .daemon(true);
    }

    private static Address listen(ErrorStage stage, EventLoop.Builder settings, String address) throws IOException {
        EventLoop loop = stage.keep(settings.start());
        return stage.knows(loop.listen(address, (connection, bytes) -> connection.send(bytes))
                .address());
    }

    private static void noSuchGroup(ErrorStage stage) {
        stage.command(
                "app",
                "server",
                "unix:" + stage.directory.resolve("app.sock"),
                "--socket-mode",
                "660",
                "--socket-group",
                "no-such-group");
    }

    private static void anotherUser(ErrorStage stage) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "not root");
        SocketOptions sockets = SocketOptions.DEFAULT.withUnixAccess(UnixAccess.OWNER.withUids(33));
        Address address =
                listen(stage, settings(stage).socketOptions(sockets), "unix:" + stage.directory.resolve("app.sock"));
        stage.keep(RawPeer.connect(address));
        stage.logged(1);
    }

    private static void noProxy(ErrorStage stage) throws IOException {
        Address address =
                listen(stage, settings(stage).proxyProtocol(ProxyProtocol.from("10.0.7.0/24")), "tcp://127.0.0.1:0");
        stage.keep(RawPeer.connect(address));
        stage.logged(1);
    }

    private static void noHeader(ErrorStage stage) throws IOException {
        Address address =
                listen(stage, settings(stage).proxyProtocol(ProxyProtocol.from("127.0.0.1")), "tcp://127.0.0.1:0");
        stage.keep(RawPeer.connect(address)).send("GET / HTTP/1.1\r\n\r\n");
        stage.logged(1);
    }
}
