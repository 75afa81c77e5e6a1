package dev.parley.tests.attack;

import dev.parley.Action;
import dev.parley.Authorizer;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopObserver;
import dev.parley.net.Transports;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server with handlers that make it attackable: large answers, streams, handlers that block and that throw. */
public final class AttackedServer {
    /** The prefix of each reason for which a connection was closed, on standard error. */
    static final String CLOSED = "closed ";

    /** The filter that asks for credentials, with each connection's first request. */
    static final String ASKING = "asking";

    private static final int BIG_BYTES = 64 * 1024;
    private static final int HUGE_BYTES = 1_000_000;

    private static final Duration BLOCKED = Duration.ofSeconds(5);
    private static final Message BIG = Message.binary("x", new byte[BIG_BYTES]);
    private static final Action<Message, Message> HOLD = Action.of("hold", Message.class, Message.class);
    private static final Action<Message, Message> POUR = Action.of("pour", Message.class, Message.class);

    private AttackedServer() {}

    /** Ignores what handlers throw on request: that is not a failure of the server. */
    private static final class Told implements LoopObserver {
        @Override
        public boolean seesTraffic() {
            return false;
        }

        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            System.err.println(CLOSED + reason);
        }

        @Override
        public void warned(String message) {
            System.err.println("WARNING " + message);
        }

        @Override
        public void failed(String where, Throwable cause) {
            if (!Thrown.isByHand(cause)) {
                System.err.println("ERROR " + where + ": " + cause);
            }
        }
    }

    /**
     * {@code ADDRESS TRANSPORT DIVISOR [FILTER]}: every time and number of handlers is the default divided by that; the
     * filter may be {@value #ASKING}.
     */
    public static void main(String[] args) throws Exception {
        int divisor = Integer.parseInt(args[2]);
        long blockedMillis = part(BLOCKED, divisor).toMillis();
        LoopObserver observer = new Told();
        ServerBuilder settings = Server.builder();
        if (List.of(args).contains(ASKING)) {
            settings.authorization(
                    Authorizer.byCredentials(shown -> shown.equals(GoodClients.CREDENTIALS) ? () -> "good" : null));
        }
        try (Server server = settings.onLoop("echo", request -> request)
                .onLoop("big", request -> BIG)
                .on("huge", request -> Message.binary("x", new byte[HUGE_BYTES]))
                .on(
                        "tree",
                        request -> Message.text(String.valueOf(request.json().size())))
                .on("block", request -> {
                    new CountDownLatch(1).await(blockedMillis, TimeUnit.MILLISECONDS);
                    return Message.text("");
                })
                .on("throw", request -> Thrown.next())
                .onLoop("throw-here", request -> Thrown.next())
                .onUpload(HOLD, in -> {
                    new CountDownLatch(1).await();
                    return BIG;
                })
                .onStream(POUR, (question, out) -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        out.send(BIG);
                    }
                })
                .limits(limits(divisor))
                .observer(observer)
                .loop(EventLoop.builder()
                        .transport(Transports.named(args[1]))
                        .limits(Limits.DEFAULT.withWriteTimeout(part(Limits.DEFAULT.writeTimeout(), divisor)))
                        .observer(observer))
                .listen(args[0])) {
            System.out.println("listening on " + server.address());
            server.join();
        }
    }

    private static MessageLimits limits(int divisor) {
        MessageLimits all = MessageLimits.DEFAULT;
        return all.withTimeouts(part(all.headerTimeout(), divisor), part(all.contentTimeout(), divisor))
                .withInFlightTotalMax(all.inFlightTotalMax() / divisor);
    }

    private static Duration part(Duration whole, int divisor) {
        return whole.dividedBy(divisor);
    }
}
