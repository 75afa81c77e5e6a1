package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.Controls;
import dev.parley.link.MessageOutput;
import dev.parley.net.EventLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a client's control messages make a connection do, within their budget. Runs on the loop's thread. */
final class ControlMessages {
    private final EventLoop loop;
    private final ServerSettings settings;
    private final InFlight inFlight;
    private final Requests requests;
    private final MessageOutput responses;
    private final BooleanSupplier wasAsked;

    /** Most clients never need one. */
    private @Nullable Budget budget;

    /**
     * Those of one connection.
     *
     * @param wasAsked whether we have asked for a pong that did not come yet; asking takes it as come
     */
    ControlMessages(
            EventLoop loop,
            ServerSettings settings,
            InFlight inFlight,
            Requests requests,
            MessageOutput responses,
            BooleanSupplier wasAsked) {
        this.loop = loop;
        this.requests = requests;
        this.wasAsked = wasAsked;
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
        boolean changesNothing = false;
        switch (String.valueOf(header.text(Header.CONTROL))) {
            case Controls.PING -> {
                if (budget().ping(messages)) {
                    return "pings";
                }
                responses.put(Controls.of(Controls.PONG, header.id()));
            }
            case Controls.PONG -> changesNothing = !wasAsked.getAsBoolean();
            case Controls.CANCEL -> {
                if (budget().cancel(messages)) {
                    return "cancels";
                }
                requests.cancel(header.id());
            }
            case Header.CREDIT -> {
                Streams streams = inFlight.streamsOrNull();
                changesNothing = streams == null || !streams.granted(header.id(), header.credit());
            }
            default -> {
                settings.counters().ignoredControls.increment();
                changesNothing = true;
            }
        }
        return changesNothing && budget().idle(messages) ? "controls that change nothing" : null;
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
