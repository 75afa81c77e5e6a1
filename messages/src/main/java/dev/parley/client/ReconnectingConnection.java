package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.link.Failures;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.time.Timer;
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
 * One connection of a client, as its calls see it: if it is lost, it is made again. It uses one {@link
 * ClientConnection} after another. Connections whose servers are going away stay in use at the same time as the current
 * one, until their exchanges have ended. Runs on the loop's thread.
 *
 * <p>No call is sent on a connection before its peer has said who it is ({@link PeerDiscovery}). Until then, the
 * connection counts as an attempt to connect. If the peer is plain, each request is sent on a connection of its own.
 */
final class ReconnectingConnection implements ClientConnection.Callbacks, ClientExchange.Taker {
    /**
     * The maximum number of exchanges that may wait for their turn. It bounds the memory of a program that starts many
     * calls without waiting for their answers.
     */
    private static final int WAITING_MAX = 10_000;

    /**
     * If a connection was open for less than this time, and ended without an error, the client does not back off. Such
     * a server probably closes each connection after its first answer, so the next call need not wait.
     */
    private static final long SHORT_NANOS = Duration.ofSeconds(1).toNanos();

    private final EventLoop loop;
    private final ClientSettings settings;
    private final LongAdder lateResponses;
    private final Consumer<ClientState.Change> watcher;
    private final PlainServer plain;
    private final Attempts attempts;
    private final Deque<ClientExchange> waiting = new ArrayDeque<>();
    private final Set<ClientConnection> connections = new LinkedHashSet<>();
    private ClientState state = ClientState.IDLE;
    private @Nullable ClientConnection current;
    private @Nullable Timer nextAttempt;

    /**
     * The reason why there is no connection, from the last attempt: no server was reached, or the server did not accept
     * us, or it went away at once. Null if the last attempt succeeded, or there was none.
     */
    private @Nullable IOException lastFailure;

    /** True if the last server has gone away, and no attempt to connect has begun since then. */
    private boolean hasGoneAway;

    private Consumer<IOException> firstConnect = failure -> {};
    private Runnable whenConnected = () -> {};
    private boolean closed;

    /** The number of exchanges that this connection's end has cut off. */
    private int cut;

    /** Makes a connection that is not established yet. Its first attempt uses the address with this index. */
    ReconnectingConnection(
            EventLoop loop,
            ClientSettings settings,
            int firstAddress,
            LongAdder lateResponses,
            Consumer<ClientState.Change> watcher) {
        this.loop = loop;
        this.settings = settings;
        this.lateResponses = lateResponses;
        this.watcher = watcher;
        this.attempts = new Attempts(settings.addresses(), firstAddress, settings.random());
        this.plain = new PlainServer(loop, settings, this::plainCallFailed);
    }

    ClientState state() {
        return state;
    }

    /** Returns the failure of the last attempt to connect, or this other one if there was none. */
    IOException lastFailureOr(IOException other) {
        return lastFailure == null ? other : lastFailure;
    }

    private void state(ClientState next, Address about) {
        state(next, about, null, Duration.ZERO);
    }

    /** Reports a new state. The watcher may make calls and close the client, so check the state again afterwards. */
    private void state(ClientState next, Address about, @Nullable Throwable cause, Duration delay) {
        if (state != next && state != ClientState.CLOSED) {
            state = next;
            watcher.accept(new ClientState.Change(next, about, cause, delay));
        }
    }

    private Address address() {
        return attempts.address();
    }

    // Calls.

    /**
     * Returns the number of exchanges that wait here, plus the number of calls that are under way. Streams that are
     * under way are not counted.
     */
    int load() {
        return waiting.size() + (current == null ? 0 : current.pendingCalls());
    }

    /** Returns the number of calls and streams that wait here or are under way. */
    int underWay() {
        int all = waiting.size() + plain.underWay();
        for (ClientConnection connection : connections) {
            all += connection.underWay();
        }
        return all;
    }

    /** Returns the number of calls and streams that were cut off when this connection was closed. */
    int cutByClose() {
        return cut;
    }

    /** Takes a call or a stream. The call or stream ends at its deadline at the latest. */
    void submit(ClientExchange exchange) {
        IOException failure = lastFailure;
        if (closed) {
            exchange.fail(ConnectionLoss.byClose(address()));
        } else if (waiting.size() >= WAITING_MAX) {
            exchange.fail(RefusedException.here(
                    ErrorCode.BUSY,
                    WAITING_MAX + " calls to " + address() + " are waiting already; wait for some of them"));
        } else if (state == ClientState.BACKING_OFF && failure != null && !waits(exchange)) {
            exchange.fail(Failures.own(failure));
        } else {
            if (failure != null) {
                exchange.waitsBecause(failure);
            }
            exchange.takenBy(this);
            if (exchange.isOverdue(loop)) {
                exchange.endSoon(loop, () -> exchange.timedOut(address(), "its time ended first"));
                return;
            }
            exchange.watch(loop, ReconnectingConnection::overdueWhereItIs);
            waiting.add(exchange);
            sendWaiting();
        }
    }

    private boolean waits(ClientExchange exchange) {
        return exchange.waitsForReady(settings.waitForReady());
    }

    /** Another connection may have taken the exchange since its time began. */
    private static void overdueWhereItIs(ClientExchange exchange) {
        ClientExchange.Taker taker = exchange.taker();
        if (taker != null) {
            taker.overdue(exchange);
        }
    }

    /** Ends an exchange whose time is over. The server knows the deadline, so we send it no cancel. */
    @Override
    public void overdue(ClientExchange exchange) {
        ClientExchange.Connection on = exchange.connection();
        exchange.timedOut(on == null ? address() : on.address(), whyItWaits());
        gone(exchange, false);
    }

    /** Returns the reason why nothing can be sent now, if no attempt to connect has failed. */
    String whyItWaits() {
        ClientConnection now = current;
        if (now == null && hasGoneAway) {
            return "the server is going away";
        }
        if (now == null || !now.wasOpened()) {
            return "could not connect";
        }
        return now.peer() == Peer.FULL
                ? "too many requests are under way, or the server does not read"
                : "the server has accepted the connection, but has not identified itself";
    }

    /** Gives up an exchange. Called when its user has cancelled it. */
    @Override
    public void cancelled(ClientExchange exchange) {
        exchange.stopTimer();
        if (exchange instanceof StreamCall stream) {
            stream.closed();
        }
        gone(exchange, true);
    }

    private void gone(ClientExchange exchange, boolean notifyServer) {
        ClientExchange.Connection on = exchange.connection();
        if (on == null) {
            waiting.remove(exchange);
        } else {
            switch (exchange) {
                case Call call -> on.drop(call, notifyServer);
                case StreamCall stream -> on.drop(stream, notifyServer);
            }
        }
        sendWaiting();
    }

    private void sendWaiting() {
        while (!waiting.isEmpty() && !closed) {
            ClientExchange next = waiting.element();
            Address plainAddress = plain.address();
            ClientConnection now = current;
            if (next.isOver()) {
                waiting.remove();
            } else if (plainAddress != null) {
                waiting.remove();
                plain.send(next, plainAddress);
            } else if (now == null) {
                connectIfDue();
                return;
            } else if (!now.isReady() || !send(now, next)) {
                return;
            }
        }
    }

    /** Sends the first waiting exchange. Returns false if it cannot be sent yet. */
    private boolean send(ClientConnection to, ClientExchange first) {
        if (!to.maySend(first)) {
            return false;
        }
        waiting.remove();
        switch (first) {
            case Call call -> to.send(call);
            case StreamCall stream -> to.open(stream);
        }
        return true;
    }

    /**
     * Called when a plain call has failed. If no connection could be made, nothing was sent. Then the call waits for
     * the next connection, if the user wants calls to wait.
     */
    private void plainCallFailed(Call call, Throwable failure) {
        if (failure instanceof ConnectFailedException nobody && !closed) {
            if (waits(call)) {
                waiting.add(call);
            } else {
                call.fail(nobody);
            }
            if (nextAttempt == null && current == null) {
                attempts.countsAsFailed();
                failed(address(), nobody);
            }
        } else {
            call.fail(failure);
        }
    }

    // Connecting.

    /**
     * Connects now, so that the first call need not wait for a connection. Calls {@code opened} when the peer is known.
     * Calls {@code failed} with the exception if no peer can be reached.
     */
    void connect(Runnable opened, Consumer<IOException> failed) {
        if (closed) {
            failed.accept(ConnectionLoss.byClose(address()));
            return;
        }
        whenConnected = opened;
        firstConnect = failed;
        startConnection();
    }

    private void connectIfDue() {
        if (nextAttempt == null) {
            startConnection();
        }
    }

    private void startConnection() {
        state(ClientState.CONNECTING, address());
        if (closed || current != null) {
            return; // the watcher has closed the client, or made a call, which connects
        }
        var next = new ClientConnection(loop, address(), settings, lateResponses, this);
        next.start();
        hasGoneAway = false;
        current = next;
        connections.add(next);
    }

    @Override
    public void known(ClientConnection known) {
        peerIsKnown(known.address());
    }

    private void peerIsKnown(Address peer) {
        lastFailure = null;
        attempts.succeeded();
        state(ClientState.READY, peer);
        whenConnected.run();
        sendWaiting();
    }

    @Override
    public void connectFailed(ClientConnection failed, ConnectFailedException failure) {
        connections.remove(failed);
        current = null;
        attemptFailed(failed.address(), failure);
    }

    /** Tries the next address. If every address has failed once, backs off. */
    private void attemptFailed(Address at, IOException failure) {
        if (attempts.failedOnce()) {
            startConnection();
        } else {
            failed(at, failure);
        }
    }

    /**
     * Backs off, because no address could be reached, or because every connection ended before it was useful. Waiting
     * exchanges that must not wait for the next attempt fail.
     */
    private void failed(Address at, IOException failure) {
        lastFailure = failure;
        backOff(at, failure);
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
                exchange.fail(Failures.own(failure));
            }
        }
    }

    /** Schedules the next attempt. The cause is null if a server that was useful is going away. */
    private void backOff(Address about, @Nullable Throwable cause) {
        if (closed || nextAttempt != null) {
            return;
        }
        Duration delay = attempts.delay();
        nextAttempt = loop.schedule(delay, () -> {
            nextAttempt = null;
            if (!closed && current == null) {
                startConnection();
            }
        });
        state(ClientState.BACKING_OFF, about, cause, delay);
    }

    /** Connects at once if there is no connection, and none is being made. Called when the user asks for it. */
    void reconnectNow() {
        if (closed || current != null || plain.address() != null) {
            return;
        }
        if (nextAttempt != null) {
            nextAttempt.cancel();
            nextAttempt = null;
        }
        startConnection();
    }

    @Override
    public void changed(ClientConnection changed) {
        sendWaiting();
    }

    @Override
    public void goingAway(ClientConnection away) {
        if (away == current) {
            current = null;
            hasGoneAway = true;
            boolean wasOfUse = wasOfUse(away);
            boolean goesOn = attempts.wentAway(wasOfUse);
            state(ClientState.DRAINING, away.address());
            if (closed || current != null) {
                return; // the watcher has closed the client, or made a call, which connects
            }
            if (goesOn) {
                startConnection();
            } else if (wasOfUse) {
                backOff(away.address(), null);
            } else {
                failed(away.address(), ConnectionLoss.byGoingAway(away.address()));
            }
        }
    }

    /**
     * Called when a connection has ended. If it was the current connection, the next connection is made after a random
     * time, or, in some cases, at once by the next call.
     */
    @Override
    public void ended(ClientConnection ended, CloseReason reason, Throwable failure) {
        connections.remove(ended);
        if (reason == CloseReason.DRAIN) {
            close(); // the loop is closed
        }
        if (ended != current || closed) {
            return;
        }
        current = null;
        switch (ended.peer()) {
            case PLAIN -> {
                plain.isAt(ended.address());
                peerIsKnown(ended.address());
            }
            case UNKNOWN -> attemptFailed(ended.address(), whyNotKnown(failure));
            case FULL -> afterLoss(ended, reason, failure);
        }
        sendWaiting();
    }

    /**
     * Returns the reason why the peer is not known. If the server refused our first request, this says nothing about
     * the calls that wait, so they were not processed.
     */
    private static IOException whyNotKnown(Throwable failure) {
        return switch (failure) {
            case RefusedException refused
            when !ConnectionLoss.isOfServer(refused) ->
                new ConnectionLostException(
                        String.valueOf(refused.getMessage()), CloseReason.PEER, Outcome.NOT_PROCESSED, refused);
            case IOException io -> io;
            default -> new IOException(failure);
        };
    }

    private void afterLoss(ClientConnection ended, CloseReason reason, Throwable failure) {
        Address at = ended.address();
        if (failure instanceof RefusedException refused && !ConnectionLoss.isOfServer(refused)) {
            // it concerns one message only, so later calls may go on
            state(ClientState.IDLE, at, refused, Duration.ZERO);
            return;
        }
        attempts.lost(wasOfUse(ended));
        if (failure instanceof RefusedException refused) {
            attempts.countsAsFailed();
            failed(at, refused);
        } else if (failure instanceof ConnectionLostException lost
                && reason == CloseReason.PROTOCOL
                && ended.cut() == 0) {
            attempts.countsAsFailed();
            failed(at, lost.notProcessed()); // no exchange was there to report the failure
        } else if (isShort(ended, reason)) {
            state(ClientState.IDLE, at, failure, Duration.ZERO);
        } else {
            backOff(at, failure);
        }
    }

    private boolean isShort(ClientConnection ended, CloseReason reason) {
        boolean good = reason == CloseReason.PEER || reason == CloseReason.LOCAL;
        return good && isYoung(ended);
    }

    private boolean wasOfUse(ClientConnection connection) {
        return connection.hasAnswered() || !isYoung(connection);
    }

    private boolean isYoung(ClientConnection connection) {
        return loop.freshNanos() - connection.openedNanos() < SHORT_NANOS;
    }

    // The end.

    /** Closes the connection. The exchanges that are under way or wait fail. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        cut = underWay();
        if (nextAttempt != null) {
            nextAttempt.cancel();
        }
        List<ClientExchange> all = new ArrayList<>(waiting);
        waiting.clear();
        new ArrayList<>(connections).forEach(ClientConnection::closeWithClient);
        all.forEach(exchange -> exchange.fail(ConnectionLoss.byClose(address())));
        plain.close();
        firstConnect.accept(ConnectionLoss.byClose(address()));
        state(ClientState.CLOSED, address());
    }
}
