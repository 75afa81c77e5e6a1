package dev.parley.tests.docs;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Listener;
import dev.parley.tests.docs.ErrorsPageTest.Situation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Causes the errors that keep a client from its server, and those of other programs at the address. */
final class ConnectingErrors {
    record Search(String value) {}

    record Answer(String result) {}

    private static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);
    private static final Search MORPHEUS = new Search("morpheus");

    private ConnectingErrors() {}

    static void addTo(Map<String, Situation> all) {
        all.put("No server listens there", ConnectingErrors::nobody);
        all.put("The server is not up yet", ConnectingErrors::notUpYet);
        all.put("The server listens on IPv6, the client uses IPv4", stage -> otherFamily(stage, "[::1]", "127.0.0.1"));
        all.put("The server listens on IPv4, the client uses IPv6", stage -> otherFamily(stage, "127.0.0.1", "[::1]"));
        all.put("A JVM without IPv6", ConnectingErrors::noIpv6);
        all.put("A name that is not found", ConnectingErrors::noSuchName);
        all.put("No answer from the host", ConnectingErrors::silence);
        all.put("The Unix socket is not there", ConnectingErrors::noSocket);
        all.put("The Unix socket exists, but its server does not run", ConnectingErrors::staleSocket);
        all.put("The path is not a socket", ConnectingErrors::pathIsFile);
        all.put("The Unix socket belongs to another user", ConnectingErrors::forbiddenSocket);
        all.put("A browser at a message server", ConnectingErrors::browser);
        all.put("A client that speaks TLS", ConnectingErrors::tlsClient);
        all.put("A client that speaks something else", ConnectingErrors::otherClients);
        all.put("A Parley client at an HTTP server", ConnectingErrors::httpServer);
        all.put("A Parley client at a TLS server", ConnectingErrors::tlsServer);
        all.put("A Parley client at an echo server", ConnectingErrors::echoServer);
        all.put("The echo client at a message server", ConnectingErrors::echoClient);
    }

    private static void nobody(ErrorStage stage) throws IOException {
        stage.command("echo", "client", "tcp://localhost:" + stage.freePort(), "Hello, world");
    }

    private static void notUpYet(ErrorStage stage) throws IOException {
        stage.command("wait", "tcp://127.0.0.1:" + stage.freePort(), "--timeout", "200ms");
    }

    private static void otherFamily(ErrorStage stage, String server, String client) throws IOException {
        Listener listener = stage.keep(Listener.open("tcp://" + server + ":0"));
        int port = ((Address.Tcp) stage.knows(listener.address())).port();
        stage.command("echo", "client", "tcp://" + client + ":" + port, "Hello, world");
    }

    private static void noIpv6(ErrorStage stage) throws Exception {
        List<String> ipv4 = List.of("-Djava.net.preferIPv4Stack=true");
        stage.process(stage.programs.parleyWith(ipv4, "echo", "client", "tcp://[::1]:65432", "Hello, world"));
        stage.process(stage.programs.parleyWith(ipv4, "echo", "server", "tcp://[::1]:65432"));
    }

    private static void noSuchName(ErrorStage stage) {
        EventLoop loop = stage.keep(EventLoop.builder()
                .daemon(true)
                .hostResolver(host -> {
                    throw new UnknownHostException(host);
                })
                .start());
        stage.thrown(() -> Connection.connect(loop, Address.parse("tcp://serach.example:65432")));
    }

    /** Causes silence by a listening socket whose queue is full: the system drops further connects, like a firewall. */
    private static void silence(ErrorStage stage) throws IOException {
        ServerSocketChannel full = stage.keep(ServerSocketChannel.open(StandardProtocolFamily.INET));
        full.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1);
        for (int i = 0; i < 4; i++) {
            SocketChannel waiting = stage.keep(SocketChannel.open());
            waiting.configureBlocking(false);
            waiting.connect(full.getLocalAddress());
        }
        EventLoop loop = stage.loop(Limits.DEFAULT.withConnectTimeout(Duration.ofMillis(200)));
        Address address = stage.knows(Address.of(full.getLocalAddress()));
        stage.thrown(() -> Connection.connect(loop, address));
    }

    private static void noSocket(ErrorStage stage) {
        stage.command("call", "unix:" + stage.directory.resolve("app.sock"), "search");
    }

    private static void staleSocket(ErrorStage stage) throws IOException {
        Path path = stage.directory.resolve("app.sock");
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        stage.command("call", "unix:" + path, "search");
    }

    private static void pathIsFile(ErrorStage stage) throws IOException {
        Path path = Files.writeString(stage.directory.resolve("notes"), "mine");
        stage.command("call", "unix:" + path, "search");
        stage.command("call", "unix:" + stage.directory, "search");
    }

    private static void forbiddenSocket(ErrorStage stage) throws Exception {
        List<String> starter = ListeningErrors.without("dac_override");
        Path path = stage.directory.resolve("app.sock");
        stage.keep(Server.builder().otherwise(request -> request).listen(new Address.Unix(path)));
        Files.setAttribute(path, "unix:uid", 1);
        stage.process(stage.programs.parleyUnder(starter, "call", "unix:" + path, "search"));
    }

    private static void browser(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.on(SEARCH, search -> new Answer("none")));
        var page = stage.raw(server).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stage.logged(1);
        new String(page.receiveToEnd(), StandardCharsets.UTF_8).lines().forEach(stage::says);
    }

    private static void tlsClient(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.on(SEARCH, search -> new Answer("none")));
        stage.raw(server).send((byte) 0x16, (byte) 3, (byte) 1, (byte) 2, (byte) 0, (byte) 1);
        stage.logged(1);
    }

    private static void otherClients(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.on(SEARCH, search -> new Answer("none")));
        stage.raw(server).send("SSH-2.0-OpenSSH_9.9\r\n").receiveToEnd();
        stage.raw(server).send("*1\r\n$4\r\nPING\r\n").receiveToEnd();
        stage.raw(server).send("hello\n").receiveToEnd();
        stage.logged(3);
    }

    private static void httpServer(ErrorStage stage) throws IOException {
        Address address = stage.stranger("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Client client = stage.client(address);
        stage.thrown(() -> client.call(SEARCH, MORPHEUS));
    }

    /** Sends the alert that a TLS server sends to a client that does not speak TLS. */
    private static void tlsServer(ErrorStage stage) throws IOException {
        Client client = stage.client(stage.stranger((byte) 0x15, (byte) 3, (byte) 3, (byte) 0, (byte) 2, (byte) 2));
        stage.thrown(() -> client.call(SEARCH, MORPHEUS));
    }

    private static void echoServer(ErrorStage stage) throws IOException {
        EventLoop loop = stage.loop(Limits.DEFAULT);
        Address address = stage.knows(loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address());
        Client client = stage.client(address);
        stage.thrown(() -> client.call(SEARCH, MORPHEUS));
        stage.command("app", "client", address.toString(), "search", "morpheus");
    }

    private static void echoClient(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.otherwise(request -> Message.json("1")));
        stage.command("echo", "client", server.address().toString(), "Hello, world");
        stage.logged(1);
    }
}
