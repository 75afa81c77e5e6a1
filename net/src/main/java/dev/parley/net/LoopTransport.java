package dev.parley.net;

import dev.parley.net.transport.Poller;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which transport a loop uses: if the system refuses one, the loop uses the next. It also reports once why a
 * loop does not use the preferred transport.
 */
final class LoopTransport {
    private final Transport transport;
    private final Poller poller;
    private String untold;

    private LoopTransport(Transport transport, Poller poller, String untold) {
        this.transport = transport;
        this.poller = poller;
        this.untold = untold;
    }

    /**
     * Opens one transport for several loops, which may share a listening socket. If the system refuses the transport to
     * one loop, all loops use the next one, unless the user chose the transport by name.
     *
     * @throws IOException if there is no other transport to use; in this case, no poller stays open
     */
    static List<LoopTransport> open(Transport wanted, int loops) throws IOException {
        Transport transport = wanted;
        String reason = wanted.whyNotPreferred().orElse("");
        while (true) {
            try {
                return open(transport, reason, loops);
            } catch (IOException refused) {
                Transport next = transport.instead().orElse(null);
                if (next == null) {
                    throw refused;
                }
                reason = next.name() + " is used, because " + refused.getMessage();
                transport = next;
            }
        }
    }

    private static List<LoopTransport> open(Transport transport, String reason, int loops) throws IOException {
        var opened = new ArrayList<LoopTransport>();
        try {
            while (opened.size() < loops) {
                opened.add(new LoopTransport(transport, transport.openPoller(), reason));
            }
            return opened;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            for (LoopTransport each : opened) {
                each.closeAfter(e);
            }
            throw e;
        }
    }

    /** Closes a poller that was never used. */
    void closeAfter(Throwable refusal) {
        try {
            poller.close();
        } catch (IOException e) {
            refusal.addSuppressed(e);
        }
    }

    Transport transport() {
        return transport;
    }

    Poller poller() {
        return poller;
    }

    /**
     * Reports why this transport is used although another one is preferred. Does nothing if there is no reason to
     * report, or it was already reported.
     */
    synchronized void report(LoopObserver observer, boolean listening) {
        if (!untold.isEmpty()) {
            observer.servesInstead(untold, listening);
            untold = "";
        }
    }
}
