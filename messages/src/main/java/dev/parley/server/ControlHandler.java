package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.net.EventLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Does what a client's control messages ask for, within their budget. Runs on the loop's thread. */
final class ControlHandler {
    private final EventLoop loop;
    private final ServerSettings settings;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher dispatcher;
    private final MessageOutput output;
    private final BooleanSupplier wasAsked;

    /** Null until it is needed: most clients never need one. */
    private @Nullable AbuseBudget budget;

    /**
     * Makes the handler of one connection's controls.
     *
     * @param wasAsked returns true if we have asked for a pong that has not come yet, and then counts it as come
     */
    ControlHandler(
            EventLoop loop,
            ServerSettings settings,
            RequestsInFlight inFlight,
            RequestDispatcher dispatcher,
            MessageOutput output,
            BooleanSupplier wasAsked) {
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.wasAsked = wasAsked;
        this.settings = settings;
        this.inFlight = inFlight;
        this.output = output;
    }

    /**
     * Does what a control asks for.
     *
     * @param messages how many messages this connection has brought, without controls
     * @return the name of what came too often; null if nothing did
     */
    @Nullable
    String take(Header header, long messages) {
        boolean changesNothing = false;
        switch (String.valueOf(header.text(Header.CONTROL))) {
            case ControlFrames.PING -> {
                if (budget().ping(messages)) {
                    return "pings";
                }
                output.put(ControlFrames.of(ControlFrames.PONG, header.id()));
            }
            case ControlFrames.PONG -> changesNothing = !wasAsked.getAsBoolean();
            case ControlFrames.CANCEL -> {
                if (budget().cancel(messages)) {
                    return "cancels";
                }
                dispatcher.cancel(header.id());
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

    /** Counts a message that was refused for what it is. Returns true if that is one too many. */
    boolean isOneErrorTooMany() {
        return budget().error();
    }

    private AbuseBudget budget() {
        AbuseBudget now = budget;
        if (now == null) {
            now = new AbuseBudget(loop);
            budget = now;
        }
        return now;
    }
}
