package dev.parley.net;

import dev.parley.net.core.LoopCore;
import dev.parley.net.time.Timer;
import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;

/**
 * Checks once a minute that a listening Unix socket still has its file, without which no client finds the socket: a
 * cleaner of temporary directories may have removed the file. If the file is gone, this class binds another socket,
 * which creates the file again. If something else is at the path, it creates nothing. In both cases it writes one
 * warning. Used on the loop's thread.
 */
final class SocketFileMonitor {
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final LoopCore loop;
    private final Binder binder;
    private final Address.Unix address;
    private final Replacement replacement;
    private ServerChannel channel;
    private Timer next;

    /** The state that was reported last, so that the same warning is not written every minute. */
    private EndpointFile told = EndpointFile.PRESENT;

    /** Replaces a listening socket by another. */
    interface Replacement {
        /** Listens on another socket, and closes the earlier one, which no client finds any more. */
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
                                + " remove it, or stop the server that created it, and the socket is created again");
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
                    .warned("the socket file of " + address
                            + " was removed, and is created again; if something cleans that"
                            + " directory, make it spare the file, or choose another directory");
        } catch (IOException e) {
            warnOnce(
                    EndpointFile.GONE,
                    "the socket file of " + address + " was removed, so no client finds this server; it"
                            + " cannot be created again: " + NetworkError.of(e).text());
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
