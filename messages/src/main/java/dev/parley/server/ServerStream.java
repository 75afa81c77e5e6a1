package dev.parley.server;

import dev.parley.ExchangeEndedException;
import dev.parley.link.Inflow;
import dev.parley.link.Outflow;
import dev.parley.net.Timer;
import org.jspecify.annotations.Nullable;

/** One stream of a connection: its two directions, and the handler between them. Runs on the loop's thread. */
final class ServerStream {
    private final Inflow in;
    private final Outflow out;
    private final Running running;
    private boolean clientEnded;
    private @Nullable Timer timer;

    ServerStream(Inflow in, Outflow out, Running running) {
        this.in = in;
        this.out = out;
        this.running = running;
    }

    long id() {
        return out.id();
    }

    Inflow in() {
        return in;
    }

    Outflow out() {
        return out;
    }

    Running running() {
        return running;
    }

    boolean hasClientEnded() {
        return clientEnded;
    }

    void clientEnded() {
        clientEnded = true;
    }

    /** The one that ends it; null for none any more. */
    void timer(@Nullable Timer next) {
        if (timer != null) {
            timer.cancel();
        }
        timer = next;
    }

    /** Nobody waits for the rest: its handler is told. */
    void giveUp(String why) {
        var ended = new ExchangeEndedException(why);
        in.discard(ended);
        out.stop(ended);
        running.giveUp(); // after those: a handler that waits in one of them is told why, and not of an interrupt
    }
}
