package dev.parley.net;

import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/**
 * Looks once a minute whether a listening Unix socket still has its file, without which no client finds it: a cleaner
 * of temporary directories may have removed it. A file that is gone is made again, by another socket; where something
 * else is, nothing is made. Either is told in one warning. The loop's thread.
 */
final class SocketFileMonitor {
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final LoopCore loop;
    private final Binder binder;
    private final Address.Unix address;
    private final Replacement replacement;
    private ServerChannel channel;
    private Timer next;

    /** What was warned of last, so that the same is not told every minute. */
    private EndpointFile told = EndpointFile.PRESENT;

    /** What listens on the socket. */
    interface Replacement {
        /** Listens on another socket; an earlier one, which no client finds any more, is closed. */
        void replace(ServerChannel earlier, ServerChannel another) throws IOException;
    }

    SocketFileMonitor(
            LoopCore loop, Binder binder, Address.Unix address, ServerChannel channel, Replacement replacement) {
        this.loop = loop;
        this.binder = binder;
        this.address = address;
        this.channel = channel;
        this.replacement = replacement;
        next = later();
    }

    private Timer later() {
        return loop.timerAt(loop.freshNanos() + EVERY.toNanos(), this::look);
    }

    void stop() {
        next.cancel();
    }

    private void look() {
        next = later();
        EndpointFile now = channel.file();
        switch (now) {
            case GONE -> bindAgain();
            case REPLACED ->
                warnOnce(
                        now,
                        "something else is at the path of " + address + ", so no client finds this server;"
                                + " remove that, or stop the server that made it, and the socket is made again");
            case PRESENT, NONE -> told = EndpointFile.PRESENT;
        }
    }

    private void bindAgain() {
        try {
            ServerChannel another =
                    binder.transport().bind(UnixDomainSocketAddress.of(address.path()), binder.options());
            replaceBy(another);
            told = EndpointFile.PRESENT;
            loop.observer()
                    .warned("the file of " + address + " was removed, and is made again; where something cleans that"
                            + " directory, have it spare the file, or choose another");
        } catch (IOException e) {
            warnOnce(
                    EndpointFile.GONE,
                    "the file of " + address + " was removed, so no client finds this server; it"
                            + " cannot be made again: " + NetworkError.of(e).text());
        }
    }

    private void replaceBy(ServerChannel another) throws IOException {
        try {
            replacement.replace(channel, another);
        } catch (IOException e) {
            another.close();
            throw e;
        }
        channel = another;
    }

    private void warnOnce(EndpointFile state, String message) {
        if (told != state) {
            told = state;
            loop.observer().warned(message);
        }
    }
}
