package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.net.EventLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a client's control messages make a connection do, within their budget. Runs on the loop's thread. */
final class ControlHandler {
    private final EventLoop loop;
    private final ServerSettings settings;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher dispatcher;
    private final MessageOutput output;
    private final BooleanSupplier wasAsked;

    /** Most clients never need one. */
    private @Nullable AbuseBudget budget;

    /**
     * Those of one connection.
     *
     * @param wasAsked whether we have asked for a pong that did not come yet; asking takes it as come
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
     * @param messages how many messages this connection has brought, controls left out
     * @return of what there were too many; null where all is well
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

    /** A message was refused for what it is; whether that is one too many. */
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
