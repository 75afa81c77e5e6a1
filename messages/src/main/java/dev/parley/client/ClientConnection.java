package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Durations;
import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client as its calls see it: there is always one, or the next is on its way. Behind it stands one
 * {@link Line} after another, and beside the current one those whose servers go away. Runs on the loop's thread.
 *
 * <p>A server that it does not know yet gets one request at a time, in a form that the tutorial's server understands
 * too, until a response repeats an id; one that answers without an id is plain, and each further request goes to it on
 * a connection of its own.
 */
final class ClientConnection implements Line.Owner {
    /** Calls that wait for their turn, of programs that start calls without waiting for any. */
    private static final int WAITING_MAX = 10_000;

    /** A server that answers and closes at once does so every time: the next call need not wait for it. */
    private static final long SHORT_NANOS = Duration.ofSeconds(1).toNanos();

    private final EventLoop loop;
    private final ClientSettings settings;
    private final LongAdder lateResponses;
    private final Consumer<ClientState> watcher;
    private final PlainCalls plainCalls;
    private final Backoff backoff;
    private final Deque<ClientExchange> waiting = new ArrayDeque<>();
    private final Set<Line> lines = new LinkedHashSet<>();
    private ClientState state = ClientState.IDLE;
    private @Nullable Line line;
    private @Nullable Address plainAddress;
    private @Nullable Timer nextAttempt;

    /** Why there is no connection, as far as an attempt has shown: nobody there, or the server takes no more. */
    private @Nullable IOException lastFailure;

    private Consumer<IOException> firstConnect = failure -> {};
    private Runnable whenConnected = () -> {};
    private int addressIndex;
    private boolean closed;

    /** A connection that is not made yet; its first attempt goes to the address with this number. */
    ClientConnection(
            EventLoop loop,
            ClientSettings settings,
            int firstAddress,
            LongAdder lateResponses,
            Consumer<ClientState> watcher) {
        this.loop = loop;
        this.settings = settings;
        this.addressIndex = firstAddress % settings.addresses().size();
        this.lateResponses = lateResponses;
        this.watcher = watcher;
        this.backoff = new Backoff(settings.random());
        this.plainCalls = new PlainCalls(loop, settings.limits());
    }

    ClientState state() {
        return state;
    }

    private void state(ClientState next) {
        if (state != next && state != ClientState.CLOSED) {
            state = next;
            watcher.accept(next);
        }
    }

    private Address address() {
        return settings.addresses().get(addressIndex);
    }

    // Calls.

    /**
     * Whether a call would not be refused at once. One that is must not be from within the call that makes it: who
     * answers a refusal with another call would go deeper each time.
     */
    boolean takesCalls() {
        return !closed && waiting.size() < WAITING_MAX;
    }

    /** How much is under way or waits here. */
    int load() {
        return waiting.size() + (line == null ? 0 : line.pendingCalls());
    }

    /** Takes a call or a stream; it ends by its deadline at the latest. */
    void submit(ClientExchange exchange) {
        IOException failure = lastFailure;
        if (closed) {
            exchange.fail(lostByClose(address()));
        } else if (!takesCalls()) {
            exchange.fail(RefusedException.here(
                    ErrorCode.BUSY, WAITING_MAX + " calls to " + address() + " wait already; wait for some of them"));
        } else if (state == ClientState.BACKING_OFF && failure != null && !waits(exchange)) {
            exchange.fail(failure);
        } else {
            if (failure != null) {
                exchange.waitsBecause(failure);
            }
            exchange.watch(loop, this::overdue);
            waiting.add(exchange);
            sendWaiting();
        }
    }

    private boolean waits(ClientExchange exchange) {
        return settings.waitForReady() || exchange.waitsForReady();
    }

    /** The time of one is over; the server knows its deadline, so it is not told. */
    private void overdue(ClientExchange exchange) {
        exchange.timedOut(exchange.line() == null ? address() : exchange.line().address());
        gone(exchange, false);
    }

    /** The user wants nothing more of it. */
    void cancelled(ClientExchange exchange) {
        exchange.stopTimer();
        if (exchange instanceof StreamCall stream) {
            stream.closed();
        }
        gone(exchange, true);
    }

    private void gone(ClientExchange exchange, boolean tellServer) {
        Line on = exchange.line();
        if (on == null) {
            waiting.remove(exchange);
        } else {
            switch (exchange) {
                case Call call -> on.drop(call, tellServer);
                case StreamCall stream -> on.drop(stream, tellServer);
            }
        }
        sendWaiting();
    }

    private void sendWaiting() {
        while (!waiting.isEmpty() && !closed) {
            ClientExchange next = waiting.element();
            if (next.isOver()) {
                waiting.remove();
            } else if (plainAddress != null) {
                waiting.remove();
                sendPlain(next, plainAddress);
            } else {
                Line current = line;
                if (current == null) {
                    connectIfDue();
                    return;
                }
                if (!current.isReady() || !send(current, next)) {
                    return;
                }
            }
        }
    }

    /** Sends the first that waits; false where it cannot go yet. */
    private boolean send(Line to, ClientExchange first) {
        if (first instanceof StreamCall stream && to.peer() == Line.Peer.FULL) {
            waiting.remove();
            to.open(stream);
        } else if (!to.mayCall()) {
            return false;
        } else if (first instanceof Call call && to.peer() == Line.Peer.FULL) {
            waiting.remove();
            to.send(call, call.request(), call.action());
        } else {
            waiting.remove();
            sendCarefully(to, first);
        }
        return true;
    }

    /** It may be a server of the tutorial's. */
    private void sendCarefully(Line to, ClientExchange first) {
        Message careful = first instanceof Call call && !call.isOneWay()
                ? FirstRequest.carryingAction(call.request(), call.action())
                : null;
        if (careful != null && first instanceof Call call) {
            to.send(call, careful, call.action());
        } else {
            askFirst(to, first);
        }
    }

    /** The exchange waits in front of all others for the answer to a question that any peer survives. */
    private void askFirst(Line to, ClientExchange exchange) {
        var question = new Call(loop, null, FirstRequest.whoAreYou(), exchange.timeLeft(loop));
        question.watch(loop, this::overdue);
        waiting.addFirst(exchange);
        var _ = question.response().whenComplete((answer, failure) -> {
            boolean isLost = failure != null && !(failure instanceof RefusedException);
            if (isLost && waiting.remove(exchange)) { // or a control has shown who the server is, and it was sent
                exchange.fail(notProcessed(failure));
            }
        });
        to.send(question, question.request(), FirstRequest.WHO_ARE_YOU);
        giveUpWithoutAnswer(to, question);
    }

    /** Every server answers that at once: a silent one hangs, and who has no deadline must not wait with it. */
    private void giveUpWithoutAnswer(Line to, Call question) {
        Duration patience =
                settings.limits().pingInterval().plus(settings.limits().pingTimeout());
        Timer timer = loop.scheduleAttended(patience, () -> {
            if (to.peer() == Line.Peer.UNKNOWN) {
                to.lose(
                        "it accepted the connection, and was silent for " + Durations.text(patience)
                                + " (ping-interval, ping-timeout)",
                        CloseReason.PING_TIMEOUT);
            }
        });
        var _ = question.response().whenComplete((answer, failure) -> timer.cancel());
    }

    /** What happened to the question that came first did not happen to what waited behind it. */
    private static Throwable notProcessed(Throwable failure) {
        return failure instanceof ConnectionLostException lost
                ? new ConnectionLostException(
                        String.valueOf(lost.getMessage()), lost.reason(), Outcome.NOT_PROCESSED, lost.getCause())
                : failure;
    }

    /** As the tutorial's own client does: a connection for one request, with the action in its content. */
    private void sendPlain(ClientExchange exchange, Address to) {
        Message request = exchange instanceof Call call && !call.isOneWay()
                ? FirstRequest.carryingAction(exchange.request(), exchange.action())
                : null;
        if (request == null || !(exchange instanceof Call call)) {
            exchange.fail(RefusedException.here(
                    ErrorCode.UNSUPPORTED_TYPE,
                    to + " speaks the tutorial's plain messages alone: the content must be a JSON object that is"
                            + " not empty, to hold the action"));
            return;
        }
        call.markSent();
        var _ = plainCalls.start(to, request, call.timeLeft(loop)).whenComplete((response, failure) -> {
            if (failure == null) {
                call.answered(response, to);
            } else {
                call.fail(failure);
            }
        });
    }

    // Connecting.

    /** Connects now, so that the first call need not; tells when it stands, or what kept it from that. */
    void connect(Runnable opened, Consumer<IOException> failed) {
        whenConnected = opened;
        firstConnect = failed;
        startLine();
    }

    private void connectIfDue() {
        if (nextAttempt == null) {
            startLine();
        }
    }

    private void startLine() {
        state(ClientState.CONNECTING);
        var next = new Line(loop, address(), settings.limits(), lateResponses, this);
        line = next;
        lines.add(next);
        next.start();
    }

    @Override
    public void opened(Line opened) {
        lastFailure = null;
        state(ClientState.READY);
        whenConnected.run();
        sendWaiting();
    }

    @Override
    public void connectFailed(Line failed, ConnectFailedException failure) {
        lines.remove(failed);
        line = null;
        backoff.failed();
        addressIndex = (addressIndex + 1) % settings.addresses().size();
        boolean another = backoff.failures() % settings.addresses().size() != 0;
        if (another) {
            startLine(); // each address once, before it counts as a failure
            return;
        }
        failed(failure);
    }

    /** No address took the connection: whoever does not wait for the next attempt is told. */
    private void failed(IOException failure) {
        lastFailure = failure;
        backOff();
        Consumer<IOException> first = firstConnect;
        firstConnect = ignored -> {};
        first.accept(failure);
        failThoseThatDoNotWait(failure);
    }

    private void failThoseThatDoNotWait(IOException failure) {
        List<ClientExchange> all = new ArrayList<>(waiting);
        waiting.removeIf(exchange -> !waits(exchange));
        for (ClientExchange exchange : all) {
            if (waits(exchange)) {
                exchange.waitsBecause(failure);
            } else {
                exchange.fail(failure);
            }
        }
    }

    private void backOff() {
        if (closed || nextAttempt != null) {
            return;
        }
        nextAttempt = loop.schedule(backoff.next(), () -> {
            nextAttempt = null;
            if (!closed && line == null) {
                startLine();
            }
        });
        state(ClientState.BACKING_OFF);
    }

    @Override
    public void changed(Line changed) {
        if (changed.hasAnswered()) {
            backoff.succeeded();
        }
        sendWaiting();
    }

    @Override
    public void goingAway(Line away) {
        if (away == line) {
            line = null;
            state(ClientState.DRAINING);
            addressIndex = (addressIndex + 1) % settings.addresses().size();
            if (settings.addresses().size() > 1) {
                startLine();
            } else {
                backOff();
            }
        }
    }

    /** Where it was the current one, the next is on its way after a random time. */
    @Override
    public void ended(Line ended, CloseReason reason, Throwable failure) {
        lines.remove(ended);
        if (ended != line || closed) {
            return;
        }
        line = null;
        if (ended.peer() == Line.Peer.PLAIN) {
            plainAddress = ended.address();
        } else if (isShort(ended, reason) || wasUsedTooLate(ended, failure)) {
            state(ClientState.IDLE);
        } else if (failure instanceof IOException turnedAway && wasTurnedAway(ended, turnedAway)) {
            backoff.failed();
            failed(turnedAway);
        } else {
            backOff();
        }
        sendWaiting();
    }

    /** As good as not connected: it was closed before it stood, or its first word was that there is no room. */
    private static boolean wasTurnedAway(Line ended, IOException failure) {
        return !ended.wasOpened() || failure instanceof RefusedException && !ended.hasAnswered();
    }

    /** The server waited for a first request, in vain; the next call connects again. */
    private static boolean wasUsedTooLate(Line ended, Throwable failure) {
        return !ended.hasAnswered()
                && failure instanceof RefusedException refused
                && refused.code().equals(ErrorCode.TIMEOUT.wire());
    }

    private boolean isShort(Line ended, CloseReason reason) {
        boolean good = reason == CloseReason.PEER || reason == CloseReason.LOCAL;
        return good && ended.hasAnswered() && loop.freshNanos() - ended.openedNanos() < SHORT_NANOS;
    }

    // The end.

    /** Fails what is under way, and closes. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (nextAttempt != null) {
            nextAttempt.cancel();
        }
        List<ClientExchange> all = new ArrayList<>(waiting);
        waiting.clear();
        new ArrayList<>(lines).forEach(each -> each.lose("the client is closed", CloseReason.LOCAL));
        all.forEach(exchange -> exchange.fail(lostByClose(address())));
        plainCalls.close();
        state(ClientState.CLOSED);
    }

    /** Any thread. */
    static ConnectionLostException lostByClose(Address address) {
        return new ConnectionLostException(
                "no answer from " + address + ": the client is closed", CloseReason.LOCAL, Outcome.NOT_PROCESSED, null);
    }
}
