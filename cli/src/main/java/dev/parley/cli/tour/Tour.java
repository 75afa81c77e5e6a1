package dev.parley.cli.tour;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Listener;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs the three iterations of the socket tutorial, over loopback sockets on free ports, and records them. A tour
 * always ends, since each wait has a time limit.
 */
public final class Tour {
    private static final Address FREE_PORT = Address.parse("tcp://127.0.0.1:0");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final CallOptions PATIENT = CallOptions.timeout(PATIENCE);

    /**
     * The maximum number of connections of a loop. It is more than a chapter opens, but small enough for systems with a
     * low limit on open files.
     */
    private static final int CONNECTIONS_MAX = 16;

    /**
     * The client of iteration 2. Its code belongs to the command {@code parley multi client}, so it is passed to the
     * tour.
     */
    public interface MultiClient {
        /** Runs the client to its end, and returns true if all bytes came back. */
        boolean run(EventLoop loop, Address address, int connections) throws Exception;
    }

    private final MultiClient multiClient;
    private final Handler.Simple<Message, Message> app;

    /** Makes a tour that runs these programs. */
    public Tour(MultiClient multiClient, Handler.Simple<Message, Message> app) {
        this.multiClient = multiClient;
        this.app = app;
    }

    /**
     * The recording of one chapter of the tour.
     *
     * @param name the name of the chapter, which is one word, such as {@code echo}
     * @param factsTitle the heading of the facts
     * @param facts the facts, which are the rows below the diagram; there may be none
     */
    public record Chapter(
            String name, String title, String lesson, List<Step> steps, String factsTitle, List<Fact> facts) {}

    /** The number of chapters. */
    public static final int CHAPTERS = 4;

    /** Runs one chapter, 1 to {@link #CHAPTERS}. Its events are also passed to a further observer. */
    public Chapter run(int chapter, LoopObserver also) throws Exception {
        var recording = new Recording();
        LoopObserver observer = new FanOutObserver(recording, also);
        return switch (chapter) {
            case 1 -> echo(recording, observer);
            case 2 -> multi(recording, observer);
            case 3 -> app(recording, observer);
            default -> multiplexed(recording, observer);
        };
    }

    private static EventLoop loop(LoopObserver observer) {
        Limits few = Limits.DEFAULT.withConnectionsMax(CONNECTIONS_MAX);
        return EventLoop.builder().limits(few).observer(observer).start();
    }

    private Chapter echo(Recording recording, LoopObserver observer) throws Exception {
        byte[] said = "Hello, world".getBytes(StandardCharsets.UTF_8);
        byte[] heard;
        byte[] more;
        try (EventLoop loop = loop(observer);
                Listener listener = Listener.open(loop, FREE_PORT)) {
            Thread.ofVirtual().name("parley-tour-echo").start(() -> serve(listener));
            try (var connection = Connection.connect(loop, listener.address())) {
                connection.out().write(said);
                heard = connection.in().readNBytes(said.length);
                connection.shutdownOutput();
                more = connection.in().readAllBytes();
            }
            awaitClosed(recording);
        }
        check(recording, Arrays.equals(heard, said) && more.length == 0);
        return new Chapter(
                "echo",
                "Iteration 1: echo",
                "One connection, blocking streams: the server sends back what it receives.",
                recording.steps(),
                "",
                List.of());
    }

    private static void serve(Listener listener) {
        try {
            listener.serve(connection -> connection.in().transferTo(connection.out()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Chapter multi(Recording recording, LoopObserver observer) throws Exception {
        boolean complete;
        try (EventLoop loop = loop(observer);
                LoopListener listener = loop.listen(FREE_PORT, (connection, bytes) -> connection.send(bytes))) {
            complete = multiClient.run(loop, listener.address(), 3);
            awaitClosed(recording);
        }
        check(recording, complete);
        return new Chapter(
                "multi",
                "Iteration 2: multi",
                "Three connections at once on one event loop: their calls interleave, and none waits for another.",
                recording.steps(),
                "",
                List.of());
    }

    private Chapter app(Recording recording, LoopObserver observer) throws Exception {
        Message request = Message.json("{\"action\": \"search\", \"value\": \"morpheus\"}");
        Message response;
        try (EventLoop loop = loop(observer);
                Server server =
                        Server.builder().otherwiseOnLoop(app).observer(observer).listen(loop, FREE_PORT);
                Client client =
                        Client.builder(server.address()).plain(true).loop(loop).start()) {
            response = client.call(request, PATIENT);
            awaitClosed(recording);
        }
        check(recording, response.status().isEmpty());
        return new Chapter(
                "app",
                "Iteration 3: app",
                "An application of its own: each message says how long it is and what it holds.",
                recording.steps(),
                "The request on the wire, taken apart:",
                FrameAnatomy.facts(recording.sentByClient(1)));
    }

    /**
     * Makes two requests at once on one connection. The second request gets its response first, since the handler of
     * the first waits for it.
     */
    private Chapter multiplexed(Recording recording, LoopObserver observer) throws Exception {
        var slowHasBegun = new CountDownLatch(1);
        var fastIsAnswered = new CountDownLatch(1);
        try (EventLoop loop = loop(observer);
                Server server = Server.builder()
                        .on("slow", request -> {
                            slowHasBegun.countDown();
                            await(fastIsAnswered);
                            return request;
                        })
                        .onLoop("fast", request -> request)
                        .observer(observer)
                        .listen(loop, FREE_PORT)) {
            try (Client client = Client.builder(server.address()).loop(loop).connect()) {
                client.call("fast", text("hello"), PATIENT);
                var slow = client.callAsync("slow", text("slow"), PATIENT);
                await(slowHasBegun);
                client.callAsync("fast", text("fast"), PATIENT)
                        .thenRun(fastIsAnswered::countDown)
                        .toCompletableFuture()
                        .get();
                slow.toCompletableFuture().get();
            }
            awaitClosed(recording);
        }
        check(recording, true);
        return new Chapter(
                "multiplexed",
                "Iteration 3, multiplexed: many exchanges on one connection",
                "Each request has an id, and its response repeats it: 'slow' is asked before the last 'fast', and answered after it.",
                recording.steps(),
                "The messages on the wire, by their ids:",
                Exchanges.facts(recording.sentByClient(1), recording.sentByServer(1)));
    }

    private static Message text(String value) {
        return Message.ofValue(Map.of("value", value));
    }

    private static void await(CountDownLatch other) throws InterruptedException {
        if (!other.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the other request was not answered");
        }
    }

    private static void awaitClosed(Recording recording) throws InterruptedException, IOException {
        if (!recording.awaitAllClosed(PATIENCE)) {
            throw new IOException("the tour's connections did not close within " + PATIENCE.toSeconds() + " s");
        }
    }

    private static void check(Recording recording, boolean good) throws IOException {
        if (!recording.troubles().isEmpty()) {
            throw new IOException(
                    "a failure in the tour: " + recording.troubles().getFirst());
        }
        if (!good) {
            throw new IOException("the tour's client did not get what it asked for");
        }
    }
}
