package dev.parley.tests.sim;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.MemoryCap;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.SimNet;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * One simulated run of streams: slow and fast ends, clients that give up, a network that delays, cuts and parts, a
 * server that crashes and comes back. At the end each stream must have ended once, with all of its values or a failure
 * that is true; none may have outrun its credit, and no handler and no memory may be left.
 */
final class StreamRun implements AutoCloseable {
    record Ask(int stream, int count, int bytes) {}

    record Piece(int stream, int number, String padding) {}

    record Sum(int count, long numbers) {}

    private static final Action<Ask, Piece> COUNT = Action.of("count", Ask.class, Piece.class);
    private static final Action<Piece, Piece> ECHO = Action.of("echo", Piece.class, Piece.class);
    private static final Action<Piece, Sum> SUM = Action.of("sum", Piece.class, Sum.class);

    private static final Address ADDRESS = Address.parse("mem:streams");
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final int STREAMS = 4;
    private static final Duration TROUBLE = Duration.ofSeconds(20);

    private final SimNet net;
    private final SplittableRandom random;
    private final MemoryCap memory = MemoryCap.of(64 * 1024 * 1024);
    private final List<Asked> streams = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Set<Integer> begun = new HashSet<>();
    private Handlers handlers = new Handlers();
    private int failed;

    /** The handlers of one life of the server. */
    private static final class Handlers {
        int begun;
        int ended;
    }

    private enum Kind {
        COUNT,
        ECHO,
        SUM
    }

    /** A stream and its result. */
    private static final class Asked {
        final int number;
        final Kind kind;
        final Ask ask;

        /** The number of values that it takes before it leaves; more than come if it stays. */
        final int wanted;

        final Duration pause;
        final Duration timeout;
        int ends;
        int received;

        @Nullable
        Sum sum;

        @Nullable
        Throwable failure;

        Asked(int number, SplittableRandom random) {
            this.number = number;
            this.kind = KINDS.get(random.nextInt(KINDS.size()));
            this.ask = new Ask(number, random.nextInt(1, 40), random.nextInt(1, 4_000));
            this.wanted = random.nextInt(4) == 0 ? random.nextInt(1, 20) : Integer.MAX_VALUE;
            this.pause = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(random.nextInt(1, 200));
            this.timeout = Duration.ofMillis(random.nextInt(100, 30_000));
        }

        Piece piece(int i) {
            return new Piece(number, i, "x".repeat(ask.bytes));
        }
    }

    StreamRun(long seed) {
        this(seed, null);
    }

    /**
     * Makes a run.
     *
     * @param tls the settings of both sides; null without TLS
     */
    StreamRun(long seed, @Nullable Tls tls) {
        random = new SplittableRandom(seed);
        net = new SimNet(seed)
                .latency(Duration.ofMillis(random.nextInt(1, 5)), Duration.ofMillis(random.nextInt(5, 100)))
                .pieces(100, random.nextInt(1_000, 16_000))
                .buffers(4_000, random.nextInt(4_001, 60_000));
        if (random.nextInt(3) == 0) {
            net.resetOneIn(random.nextInt(50, 500));
        }
        if (tls != null) {
            net.tls(tls);
        }
    }

    private LoopObserver observer() {
        return new LoopObserver() {
            @Override
            public void failed(String where, Throwable cause) {
                failed++;
            }
        };
    }

    /** Returns how many streams ended in each way: whole, left by their client, and failed. */
    int[] ends() {
        int bad = (int) streams.stream().filter(each -> each.failure != null).count();
        int left = (int) streams.stream()
                .filter(each -> each.failure == null && each.received >= each.wanted)
                .count();
        return new int[] {streams.size() - bad - left, left, bad};
    }

    /** Runs it; returns what it comes to, the same for the same seed. */
    String run() throws Exception {
        startServer();
        int count = random.nextInt(1, 3);
        for (int i = 0; i < count; i++) {
            startClient("client-" + i);
        }
        trouble(count);
        net.runUntil("every stream has ended", () -> streams.stream().allMatch(each -> each.ends > 0));
        net.run(Duration.ofSeconds(60));
        for (Asked stream : streams) {
            check(stream);
        }
        check(handlers.begun == handlers.ended, handlers.begun + " handlers began, and ended " + handlers.ended);
        check(memory.heldBytes() == 0, memory.heldBytes() + " bytes are held for no stream");
        check(failed == 0, "a handler or a callback threw, " + failed + " times");
        return net.fingerprint() + " " + begun.size() + " of " + streams.size();
    }

    // The server.

    private void startServer() throws Exception {
        EventLoop loop =
                net.startLoop("server", EventLoop.builder().observer(observer()).memory(memory));
        var own = new Handlers();
        handlers = own;
        Duration pause = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(random.nextInt(1, 100));
        Server.builder()
                .observer(observer())
                .threads(SimThreads.on(loop))
                .onStream(
                        COUNT,
                        (ask, out) -> handle(own, ask.stream(), () -> {
                            for (int i = 1; i <= ask.count(); i++) {
                                pause(loop, pause);
                                out.send(new Piece(ask.stream(), i, "x".repeat(ask.bytes())));
                            }
                        }))
                .onDuplex(
                        ECHO,
                        (in, out, exchange) -> handle(own, -1, () -> {
                            for (Piece piece = in.receive(); piece != null; piece = in.receive()) {
                                begun.add(piece.stream());
                                pause(loop, pause);
                                out.send(piece);
                            }
                        }))
                .onUpload(SUM, in -> {
                    var sums = new long[2];
                    handle(own, -1, () -> {
                        for (Piece piece = in.receive(); piece != null; piece = in.receive()) {
                            begun.add(piece.stream());
                            pause(loop, pause);
                            sums[0]++;
                            sums[1] += piece.number();
                        }
                    });
                    return new Sum((int) sums[0], sums[1]);
                })
                .listen(loop, ADDRESS);
    }

    private interface Work {
        void run() throws Exception;
    }

    private void handle(Handlers own, int stream, Work work) throws Exception {
        own.begun++;
        begun.add(stream);
        try {
            work.run();
        } finally {
            own.ended++;
        }
    }

    /** Pauses in virtual time; the thread gives the loop back meanwhile. */
    private static void pause(EventLoop loop, Duration time) throws InterruptedException, ExecutionException {
        if (!time.isZero()) {
            var over = new CompletableFuture<Void>();
            loop.execute(() -> loop.schedule(time, () -> over.complete(null)));
            over.get();
        }
    }

    // The clients.

    private void startClient(String host) {
        EventLoop loop = net.startLoop(host, EventLoop.builder().observer(observer()));
        ThreadFactory threads = SimThreads.on(loop);
        Client client = Client.builder(ADDRESS)
                .loop(loop)
                .random(new SplittableRandom(random.nextLong()))
                .waitForReady(random.nextBoolean())
                .start();
        clients.add(client);
        for (int i = 0; i < STREAMS; i++) {
            var asked = new Asked(streams.size() + 1, random);
            streams.add(asked);
            Duration when = Duration.ofMillis(random.nextLong(TROUBLE.toMillis()));
            Thread thread = threads.newThread(() -> use(client, loop, threads, asked));
            loop.execute(() -> loop.schedule(when, thread::start));
        }
    }

    private static void use(Client client, EventLoop loop, ThreadFactory threads, Asked asked) {
        try {
            switch (asked.kind) {
                case COUNT -> {
                    try (InStream<Piece> in = client.stream(COUNT, asked.ask, CallOptions.timeout(asked.timeout))) {
                        receive(in, loop, asked);
                    }
                }
                case ECHO -> {
                    try (Duplex<Piece, Piece> both = client.duplex(ECHO, CallOptions.timeout(asked.timeout))) {
                        threads.newThread(() -> sendQuietly(both, asked)).start();
                        receive(both, loop, asked);
                    }
                }
                case SUM -> {
                    try (Duplex<Piece, Sum> up = client.duplex(SUM, CallOptions.timeout(asked.timeout))) {
                        sendAll(up, asked);
                        asked.sum = up.receive();
                    }
                }
            }
        } catch (Throwable thrown) {
            asked.failure = thrown;
        } finally {
            asked.ends++;
        }
    }

    private static void receive(InStream<Piece> in, EventLoop loop, Asked asked) throws Exception {
        for (Piece piece = in.receive(); piece != null; piece = in.receive()) {
            if (!piece.equals(asked.piece(asked.received + 1))) {
                throw new AssertionError("value " + (asked.received + 1) + " is " + piece.number());
            }
            if (++asked.received >= asked.wanted) {
                return;
            }
            pause(loop, asked.pause);
        }
    }

    private static void sendAll(Duplex<Piece, ?> duplex, Asked asked) throws IOException {
        for (int i = 1; i <= asked.ask.count(); i++) {
            duplex.out().send(asked.piece(i));
        }
        duplex.end();
    }

    /** Sends; a failure is ignored, because the receiver gets the same end. */
    private static void sendQuietly(Duplex<Piece, Piece> both, Asked asked) {
        try {
            sendAll(both, asked);
        } catch (IOException ended) {
            return;
        }
    }

    // Trouble.

    private void trouble(int clientCount) throws Exception {
        while (net.now().compareTo(TROUBLE) < 0) {
            net.run(Duration.ofMillis(random.nextInt(10, 8_000)));
            String client = "client-" + random.nextInt(clientCount);
            switch (random.nextInt(6)) {
                case 0 -> Trouble.part(net, random, client, 40_000);
                case 1 -> restart(random.nextBoolean());
                default -> {} // a while without trouble
            }
        }
    }

    private void restart(boolean silently) throws Exception {
        Trouble.stop(net, random, silently);
        startServer();
    }

    // What must hold.

    private void check(Asked stream) {
        check(stream.ends == 1, stream.number + " ended " + stream.ends + " times");
        Throwable failure = stream.failure;
        if (failure == null) {
            switch (stream.kind) {
                case COUNT, ECHO ->
                    check(
                            stream.received == Math.min(stream.wanted, stream.ask.count()),
                            stream.number + " got " + stream.received + " of " + stream.ask.count());
                case SUM -> {
                    long count = stream.ask.count();
                    check(
                            new Sum((int) count, count * (count + 1) / 2).equals(stream.sum),
                            stream.number + " has the sum " + stream.sum);
                }
            }
            return;
        }
        check(failure instanceof IOException, stream.number + " ended with " + failure);
        check(
                !String.valueOf(failure.getMessage()).contains("credit"),
                stream.number + " outran its credit: " + failure);
        if (failure instanceof RefusedException refused) {
            check(
                    Set.of("timeout", "unavailable", "going-away", "busy").contains(refused.code()),
                    stream.number + " was refused: " + refused);
        }
        if (Trouble.isNotProcessed(failure)) {
            check(!begun.contains(stream.number), stream.number + " was told that it was not processed: " + failure);
        }
    }

    private void check(boolean good, String what) {
        if (!good) {
            throw new AssertionError(what + "; seed " + net.seed());
        }
    }

    @Override
    public void close() {
        clients.forEach(Client::close);
        net.close();
    }
}
