package dev.parley.tests.processes;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopObserver;
import dev.parley.net.Transports;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A server or a client in a network of its own, which may be cut; each line that it prints is an event. */
public final class FarPeer {
    static final Duration DEADLINE = Duration.ofSeconds(2);

    private static final Action<Message, Message> READ = Action.of("read", Message.class, Message.class);
    private static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);
    private static final MessageLimits LIMITS =
            MessageLimits.DEFAULT.withPing(Duration.ofSeconds(1), Duration.ofSeconds(1));
    private static final int CALLERS = 20;

    private FarPeer() {}

    /** Takes {@code server|idle|write|load TRANSPORT ADDRESS}. Runs until it is killed. */
    public static void main(String[] args) throws Exception {
        EventLoop loop = EventLoop.builder()
                .transport(Transports.named(args[1]))
                .limits(Limits.DEFAULT.withWriteTimeout(Duration.ofSeconds(2)))
                .observer(new Telling())
                .start();
        Address address = Address.parse(args[2]);
        if (args[0].equals("server")) {
            serve(loop, address);
            return;
        }
        Client client = Client.builder(address)
                .loop(loop)
                .limits(LIMITS)
                .retries(false)
                .waitForReady(args[0].equals("load"))
                .connect();
        switch (args[0]) {
            case "idle" ->
                say("ended: "
                        + failureOf(() -> client.call("wait", Message.text(""), CallOptions.DEFAULT.withoutTimeout())));
            case "write" -> write(client);
            default -> load(client);
        }
        Thread.currentThread().join();
    }

    private static void serve(EventLoop loop, Address address) throws Exception {
        Server server = Server.builder()
                .limits(LIMITS)
                .onLoop("echo", request -> request)
                .on("wait", request -> {
                    say("under way");
                    new CountDownLatch(1).await();
                    return request;
                })
                .onStream(READ, (request, out) -> {
                    while (true) {
                        out.send(request);
                    }
                })
                .onUpload(UPLOAD, in -> {
                    in.bytes().transferTo(OutputStream.nullOutputStream());
                    return Message.text("");
                })
                .listen(loop, address);
        say("listening on " + server.address());
        server.join();
    }

    /** Writes much in both directions. */
    private static void write(Client client) throws IOException {
        Thread.startVirtualThread(() -> say("ended: "
                + failureOf(() -> {
                    client.upload(UPLOAD, new BusyClient.Endless());
                })));
        try (InStream<Message> endless = client.stream(READ, Message.binary("x", new byte[10_000]))) {
            long received = 0;
            for (Message piece = endless.receive(); piece != null; piece = endless.receive()) {
                received += piece.content().length;
                if (received == 10_000_000) {
                    say("under way");
                }
            }
        } catch (IOException lost) {
            say("ended: " + lost.getMessage());
        }
    }

    /** Calls with a deadline, each of which asks for another answer. */
    private static void load(Client client) {
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            Thread.startVirtualThread(() -> {
                for (int number = 1; ; number++) {
                    String question = caller + " " + number;
                    long began = System.nanoTime();
                    String answer = failureOf(() -> {
                        String text = client.call("echo", Message.text(question), CallOptions.timeout(DEADLINE))
                                .text();
                        say(text.equals(question) ? "answered" : "wrong");
                    });
                    say("took " + (System.nanoTime() - began) / 1_000_000 + " " + answer);
                    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                }
            });
        }
    }

    private interface Work {
        void go() throws IOException;
    }

    private static String failureOf(Work work) {
        try {
            work.go();
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static void say(String what) {
        System.out.println(what);
    }

    /** Says why connections close. */
    private static final class Telling implements LoopObserver {
        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            say("closed: " + reason);
        }
    }
}
