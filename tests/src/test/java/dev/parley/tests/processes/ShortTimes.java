package dev.parley.tests.processes;

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
import dev.parley.testkit.Await;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A server, or many clients, with timeouts that are shorter than the time for which its process is stopped. */
public final class ShortTimes {
    /** Shorter than the stop, and long enough for a machine that has others to serve. */
    static final Duration TIMEOUT = Duration.ofMillis(Long.getLong("parley.short.millis", 3_000));

    static final MessageLimits LIMITS =
            MessageLimits.DEFAULT.withTimeouts(TIMEOUT, TIMEOUT).withPing(TIMEOUT, TIMEOUT);

    private static final Duration SLOW = Duration.ofMillis(300);

    private ShortTimes() {}

    /**
     * Takes {@code server TRANSPORT}, or {@code clients TRANSPORT ADDRESS COUNT}, where each word of input asks them to
     * go on.
     */
    public static void main(String[] args) throws Exception {
        EventLoop loop = EventLoop.builder()
                .transport(Transports.named(args[1]))
                .limits(Limits.DEFAULT.withIdleTimeout(TIMEOUT).withWriteTimeout(TIMEOUT))
                .observer(new Telling())
                .start();
        if (args[0].equals("server")) {
            try (Server server = server(loop, LIMITS)) {
                System.out.println("listening on " + server.address());
                server.join();
            }
            return;
        }
        var address = List.of(Address.parse(args[2]));
        try (var clients = new ManyClients(loop, address, Integer.parseInt(args[3]), LIMITS)) {
            System.out.println("connected");
            for (String line :
                    (Iterable<String>) new Scanner(System.in, StandardCharsets.US_ASCII).tokens()::iterator) {
                int[] since = clients.roundsOfAll();
                boolean all = Await.within(Duration.ofSeconds(20), () -> clients.wentOn(since));
                System.out.println(line + " " + all + " " + clients.lost());
            }
        }
    }

    /** Says on the standard error why connections close. */
    private static final class Telling implements LoopObserver {
        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            System.err.println("closed: " + reason);
        }
    }

    static Server server(EventLoop loop, MessageLimits limits) throws Exception {
        return Server.builder()
                .limits(limits)
                .onLoop("echo", request -> request)
                .on("slow", request -> {
                    LockSupport.parkNanos(SLOW.toNanos());
                    return request;
                })
                .onUpload(ManyClients.UPLOAD, in -> {
                    long sum = in.bytes().transferTo(OutputStream.nullOutputStream());
                    return Message.text(Long.toString(sum));
                })
                .onDuplex(ManyClients.TALK, (in, out, exchange) -> {
                    for (Message piece : in) {
                        out.send(piece);
                    }
                })
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
    }
}
