package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.Controls;
import dev.parley.link.MessageOutput;
import dev.parley.net.EventLoop;
import org.jspecify.annotations.Nullable;

/** What a client's control messages make a connection do, within their budget. Runs on the loop's thread. */
final class ControlMessages {
    private final EventLoop loop;
    private final ServerSettings settings;
    private final InFlight inFlight;
    private final MessageOutput responses;

    /** Most clients never need one. */
    private @Nullable Budget budget;

    ControlMessages(EventLoop loop, ServerSettings settings, InFlight inFlight, MessageOutput responses) {
        this.loop = loop;
        this.settings = settings;
        this.inFlight = inFlight;
        this.responses = responses;
    }

    /**
     * Does what a control asks for.
     *
     * @param messages how many messages this connection has brought, controls left out
     * @return of what there were too many; null where all is well
     */
    @Nullable
    String take(Header header, long messages) {
        switch (String.valueOf(header.text(Header.CONTROL))) {
            case Controls.PING -> {
                if (budget().ping(messages)) {
                    return "pings";
                }
                responses.put(Controls.of(Controls.PONG, header.id()));
            }
            case Controls.PONG -> {}
            case Controls.CANCEL -> {
                if (budget().cancel(messages)) {
                    return "cancels";
                }
                inFlight.cancel(header.id());
            }
            case Header.CREDIT -> {
                Streams streams = inFlight.streamsOrNull();
                if (streams != null) {
                    streams.granted(header.id(), header.credit());
                }
            }
            default -> settings.counters().ignoredControls.increment();
        }
        return null;
    }

    /** A message was refused for what it is; whether that is one too many. */
    boolean isOneErrorTooMany() {
        return budget().error();
    }

    private Budget budget() {
        Budget now = budget;
        if (now == null) {
            now = new Budget(loop);
            budget = now;
        }
        return now;
    }
}
