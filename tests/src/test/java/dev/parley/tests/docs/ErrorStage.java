package dev.parley.tests.docs;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.cli.CommandInProcess;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopObserver;
import dev.parley.net.Transports;
import dev.parley.net.time.Ticker;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The stage on which one situation is provoked: its servers and peers, and all that Parley prints, with the parts that
 * vary masked.
 */
final class ErrorStage implements AutoCloseable {
    private static final String ANY_IPV4 = "tcp://127.0.0.1:0";

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<String> said = new ArrayList<>();
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final List<Integer> ports = new CopyOnWriteArrayList<>();
    final Programs programs = keep(new Programs());
    final Path directory = Files.createTempDirectory("p");

    /** The log of all servers of this stage. */
    final LoopObserver log = new LoopObserver() {
        @Override
        public void warned(String message) {
            logged.add("WARNING " + message);
        }

        @Override
        public void failed(String where, Throwable cause) {
            logged.add("ERROR " + where + ": " + cause);
        }
    };

    ErrorStage() throws IOException {}

    /** A step that may throw, as this is what is wanted here. */
    interface Step {
        void run() throws Exception;
    }

    <T extends AutoCloseable> T keep(T resource) {
        open.push(resource);
        return resource;
    }

    // The participants.

    /** Returns settings with the transport that every machine has, so that the page is the same on each. */
    private static EventLoop.Builder settings() {
        return EventLoop.builder().transport(Transports.named("nio"));
    }

    EventLoop loop(Limits limits) {
        return keep(settings().daemon(true).limits(limits).observer(log).start());
    }

    EventLoop loop(Ticker ticker) {
        return keep(settings().daemon(true).ticker(ticker).observer(log).start());
    }

    Server server(UnaryOperator<ServerBuilder> handlers) throws IOException {
        return server(Limits.DEFAULT, handlers);
    }

    Server server(Limits limits, UnaryOperator<ServerBuilder> handlers) throws IOException {
        Server server = keep(handlers.apply(Server.builder())
                .observer(log)
                .loop(settings().daemon(true).limits(limits))
                .listen(ANY_IPV4));
        knows(server.address());
        return server;
    }

    Client client(Server server) throws IOException {
        return client(server.address());
    }

    /** Returns a client that connects with its first call, which gets the result of that. */
    Client client(Address address) {
        return keep(Client.builder(address).loop(loop(Limits.DEFAULT)).start());
    }

    /** Starts a foreign server: it sends this as soon as it has received something. */
    Address stranger(byte... answer) throws IOException {
        ServerSocketChannel listening = keep(RawPeer.listen());
        Thread.ofVirtual().start(() -> {
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.receive(1);
                peer.send(answer);
                peer.receiveToEnd();
            } catch (IOException | AssertionError over) {
                return;
            }
        });
        return knows(RawPeer.addressOf(listening));
    }

    MessagePeer peer(Server server) throws IOException {
        return keep(MessagePeer.connect(server.address()));
    }

    RawPeer raw(Server server) throws IOException {
        return keep(RawPeer.connect(server.address()));
    }

    /** Returns a port that was free a moment ago, on both loopbacks as far as one can tell. */
    int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("::"))) {
            return knows(new Address.Tcp("localhost", socket.getLocalPort())) instanceof Address.Tcp tcp
                    ? tcp.port()
                    : 0;
        }
    }

    /**
     * Masks an address. The first of the addresses that a situation knows is shown with port 65432, the next ones with
     * those above.
     */
    Address knows(Address address) {
        if (address instanceof Address.Inet inet && !ports.contains(inet.port())) {
            ports.add(inet.port());
        }
        return address;
    }

    // What is said.

    /** Records the exception that a call of the library throws. */
    void thrown(Step step) {
        try {
            step.run();
        } catch (Exception e) {
            said.add(e.getClass().getSimpleName() + ": " + e.getMessage());
            return;
        }
        throw new AssertionError("nothing was thrown");
    }

    /** Records what a command prints on standard error, and its exit status. */
    void command(String... args) {
        CommandInProcess done = CommandInProcess.run(args);
        done.err().lines().forEach(said::add);
        said.add("exit status " + done.status());
    }

    /** Does the same for a command that is a process. */
    void process(Programs.Running running) throws InterruptedException {
        int status = running.exitCode();
        running.err().lines().forEach(said::add);
        said.add("exit status " + status);
    }

    /** Records an error response as it is on the wire. */
    void answered(Message response) {
        said.add("status " + response.status().orElse("ok") + ", content " + response.text());
    }

    boolean hasLogged() {
        return !logged.isEmpty();
    }

    /** Records the log of the server, once it has this many lines. */
    void logged(int lines) {
        Await.until("the log has " + lines + " lines, not " + logged, () -> logged.size() >= lines);
        said.addAll(logged);
    }

    void says(String line) {
        said.add(line);
    }

    /** Returns all of it, as the page shows it. */
    String masked() {
        return said.stream()
                .map(this::masked)
                .reduce((one, next) -> one + "\n" + next)
                .orElse("(nothing)");
    }

    private String masked(String line) {
        String text = line;
        for (int i = 0; i < ports.size(); i++) {
            text = text.replaceAll(":" + ports.get(i) + "\\b", ":" + (65_432 + i));
        }
        return text.replaceAll("(127\\.0\\.0\\.1):(?!6543\\d\\b)\\d{4,5}\\b", "$1:50000")
                .replaceAll(Pattern.quote(directory.toString()), "/tmp/app")
                .replaceAll("blocked for \\d+ (ms|s) or more", "blocked for 150 ms or more")
                .replaceAll("connection \\d+", "connection 7")
                .replaceAll("pid \\d+, [^ ;]+", "pid 4242, java")
                .replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC", "2027-03-01 12:00 UTC")
                .replaceAll("parley-loop-\\d+", "parley-loop-1")
                .replaceAll("called on the thread [\\w-]+", "called on the thread main")
                .replaceAll(
                        "dev\\.parley\\.tests\\.docs\\.CallErrors\\.lambda[$\\w]+\\(CallErrors\\.java:\\d+\\)",
                        "shop.Main.lambda\\$main\\$0(Main.java:33)");
    }

    @Override
    public void close() throws IOException {
        while (!open.isEmpty()) {
            close(open.pop());
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError("cannot close " + resource, e);
        }
    }
}
