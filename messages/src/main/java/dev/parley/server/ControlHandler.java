package dev.parley.server;

import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.net.EventLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the control messages of a client, within the limits of an {@link AbuseBudget}. Runs on the loop's thread.
 */
final class ControlHandler {
    private final EventLoop loop;
    private final ServerSettings settings;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher dispatcher;
    private final MessageOutput output;
    private final BooleanSupplier wasAsked;

    /** Null until it is needed, since most clients never need one. */
    private @Nullable AbuseBudget budget;

    /**
     * Makes a handler for the controls of one connection.
     *
     * @param wasAsked called when a pong arrives; returns true if the pong answers a ping of ours
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
     * Carries out a control.
     *
     * @param messages the number of messages that this connection has received so far, without controls
     * @return the plural name of the controls that the client has sent too often; null if it has not sent too many
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

    /**
     * Counts a message that was refused because of an error in it. Returns true if the client has now caused too many
     * errors.
     */
    boolean isOneErrorTooMany() {
        return budget().error();
    }

    private AbuseBudget budget() {
        AbuseBudget now = budget;
        if (now == null) {
            now = new AbuseBudget(loop, settings.limitsAbuse());
            budget = now;
        }
        return now;
    }
}
