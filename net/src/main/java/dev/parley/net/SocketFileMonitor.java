package dev.parley.net;

import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks once a minute whether a listening Unix socket still has its file, without which no client finds it: a cleaner
 * of temporary directories may have removed it. A file that is gone is made again, by another socket; where something
 * else is, nothing is made. Either is told in one warning. The loop's thread.
 */
final class SocketFileMonitor {
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final LoopListener listener;
    private final Address.Unix address;
    private ServerChannel channel;
    private Timer next;

    /** What was warned of last, so that the same is not told every minute. */
    private EndpointFile told = EndpointFile.PRESENT;

    private SocketFileMonitor(LoopListener listener, Address.Unix address, ServerChannel channel) {
        this.listener = listener;
        this.address = address;
        this.channel = channel;
        next = later();
    }

    /** Empty where there is no file to look at. */
    static Optional<SocketFileMonitor> of(LoopListener listener, ServerChannel channel) {
        return listener.address() instanceof Address.Unix unix && channel.file() != EndpointFile.NONE
                ? Optional.of(new SocketFileMonitor(listener, unix, channel))
                : Optional.empty();
    }

    private Timer later() {
        return listener.loop().schedule(EVERY, this::look);
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
        EventLoop loop = listener.loop();
        try {
            ServerChannel another =
                    loop.transport().bind(UnixDomainSocketAddress.of(address.path()), loop.socketOptions());
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
            listener.add(another);
        } catch (IOException e) {
            another.close();
            throw e;
        }
        ServerChannel earlier = channel;
        channel = another;
        listener.closeIfAlone(earlier);
    }

    private void warnOnce(EndpointFile state, String message) {
        if (told != state) {
            told = state;
            listener.loop().observer().warned(message);
        }
    }
}
