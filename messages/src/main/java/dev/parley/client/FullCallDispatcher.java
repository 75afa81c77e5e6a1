package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.link.Failures;
import dev.parley.link.OneAtATime;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The core of a client whose calls share connections. It decides which connection gets a call. The connections are kept
 * open, and made again if they are lost. Any thread may use it.
 */
public final class FullCallDispatcher extends CallDispatcher {
    private final LongAdder lateResponses = new LongAdder();
    private final List<ReconnectingConnection> connections = new ArrayList<>();
    private final Retries retries;

    /** Keeps the order of the reports to the watcher, although no lock is held while it runs. */
    private final OneAtATime reports = new OneAtATime();

    private volatile ClientState state = ClientState.IDLE;
    private Runnable whenReady = () -> {};

    /** Called when the client is closed, with the reason why it will not be ready. */
    private Consumer<IOException> whenClosed = why -> {};

    /**
     * Makes the core of a client.
     *
     * @param atClose run once, when the client is closed
     */
    public FullCallDispatcher(EventLoop loop, ClientSettings settings, Runnable atClose) {
        super(loop, settings, atClose);
        this.retries = new Retries(loop, settings.random(), this::submit);
        for (int i = 0; i < settings.connections(); i++) {
            connections.add(new ReconnectingConnection(loop, settings, i, lateResponses, this::connectionIs));
        }
        OpenClients.add(this);
    }

    @Override
    public ClientState state() {
        return state;
    }

    /**
     * Called on the loop's thread when a connection has a new state. If a connection is closed, this closes the other
     * connections too, since the loop or the client is closed.
     */
    private void connectionIs(ClientState.Change change) {
        if (change.state() == ClientState.CLOSED) {
            connections.forEach(ReconnectingConnection::close);
        }
        notifyState(change);
    }

    /** Called on the loop's thread, or on any thread if the loop is closed. */
    private void notifyState(ClientState.Change change) {
        reports.run(() -> notifyIfNew(change));
    }

    /** Updates the state of the client, and passes it to the watcher if it is new. */
    private void notifyIfNew(ClientState.Change change) {
        ClientState best = ClientState.CLOSED;
        for (ReconnectingConnection connection : connections) {
            best = better(best, connection.state());
        }
        if (best != state) {
            state = best;
            if (best == ClientState.READY) {
                whenReady.run();
            }
            notifyWatcher(new ClientState.Change(best, change.address(), change.cause(), change.delay()));
        }
    }

    private static ClientState better(ClientState one, ClientState other) {
        List<ClientState> order = List.of(
                ClientState.CLOSED,
                ClientState.IDLE,
                ClientState.BACKING_OFF,
                ClientState.CONNECTING,
                ClientState.DRAINING,
                ClientState.READY);
        return order.indexOf(one) >= order.indexOf(other) ? one : other;
    }

    /** Connects. The future completes when one connection is ready. It fails when all connections have failed. */
    public CompletableFuture<Boolean> connect() {
        var connected = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            var failed = new ArrayList<IOException>();
            for (ReconnectingConnection connection : connections) {
                try {
                    connection.connect(() -> connected.complete(true), failure -> {
                        failed.add(failure);
                        if (failed.size() == connections.size()) {
                            connected.completeExceptionally(failure);
                        }
                    });
                } catch (RuntimeException nobodyCan) {
                    connected.completeExceptionally(nobodyCan);
                }
            }
        });
        return connected;
    }

    /**
     * Connects, and goes on if no server can be reached, as the calls do that wait. The future completes when one
     * connection is ready. It fails with the last failure when the time is over.
     */
    public CompletableFuture<Boolean> connectWithin(Duration timeout) {
        var ready = new CompletableFuture<Boolean>();
        CompletableFuture<Boolean> first = connect();
        loop.execute(() -> {
            whenReady = () -> ready.complete(true);
            whenClosed = ready::completeExceptionally;
            var timer = loop.schedule(
                    timeout,
                    () -> ready.completeExceptionally(
                            Failures.own(connections.getFirst().lastFailureOr(notReadyWithin(timeout)))));
            var _ = ready.whenComplete((done, failure) -> loop.tryExecute(timer::cancel));
        });
        var _ = first.whenComplete((done, failure) -> {
            if (failure == null) {
                ready.complete(true);
            } else if (!(failure instanceof ConnectFailedException)) {
                ready.completeExceptionally(failure);
            }
        });
        return ready;
    }

    private TimedOutException notReadyWithin(Duration timeout) {
        return new TimedOutException(
                "no connection to " + address() + " within " + Durations.text(timeout) + ": "
                        + connections.getFirst().whyItWaits(),
                Outcome.NOT_PROCESSED);
    }

    @Override
    CompletableFuture<Message> start(CallSetup setup) {
        var call = new Call(loop, setup, this::cancelled);
        if (loop.isCurrent()) {
            begin(call);
        } else {
            handOver(call);
        }
        return call.response();
    }

    private void begin(Call call) {
        if (settings.retries()) {
            retries.begun();
            call.retryBy(retries);
        }
        submit(call);
    }

    private void handOver(Call call) {
        try {
            loop.execute(() -> begin(call));
        } catch (RejectedExecutionException e) {
            call.fail(ConnectionLoss.byClose(address()));
        }
    }

    /** Submits an exchange to one of the connections. Called on the loop's thread. */
    private void submit(ClientExchange exchange) {
        try {
            pick().submit(exchange);
        } catch (RuntimeException nobodyCan) {
            exchange.fail(nobodyCan);
        }
    }

    /**
     * Returns the ready connection with the fewest exchanges. If no connection is ready, returns the connection with
     * the fewest exchanges.
     */
    private ReconnectingConnection pick() {
        ReconnectingConnection best = connections.getFirst();
        for (int i = 1; i < connections.size(); i++) {
            ReconnectingConnection next = connections.get(i);
            boolean better = isReady(next) == isReady(best) ? next.load() < best.load() : isReady(next);
            best = better ? next : best;
        }
        return best;
    }

    private static boolean isReady(ReconnectingConnection connection) {
        return connection.state() == ClientState.READY;
    }

    private void cancelled(ClientExchange exchange) {
        loop.tryExecute(() -> {
            ClientExchange.Taker has = exchange.taker();
            (has == null ? connections.getFirst() : has).cancelled(exchange);
        });
    }

    @Override
    public ClientStream open(CallSetup setup, boolean sendsMore) {
        check(setup.action());
        boolean isOver = setup.timeout().isNegative();
        var stream = new StreamCall(loop, isOver ? setup.within(Duration.ZERO) : setup, sendsMore, this::cancelled);
        if (takesNoCalls()) {
            stream.fail(ConnectionLoss.byClose(address()));
        } else if (isOver) {
            stream.fail(overBefore(setup.timeout()));
        } else if (settings.filters().isEmpty()) {
            begin(stream);
        } else {
            new FilteredStream(this, stream).start(settings.filters());
        }
        return new ClientStream(stream.in(), stream.out(), stream::cancel, stream.ended());
    }

    /** Begins a stream, whose first message the filters have passed on. Any thread may call this. */
    void begin(StreamCall stream) {
        if (!loop.tryExecute(() -> submit(stream))) {
            stream.fail(ConnectionLoss.byClose(address()));
        }
    }

    @Override
    public void reconnectNow() {
        loop.tryExecute(() -> connections.forEach(ReconnectingConnection::reconnectNow));
    }

    @Override
    int underWay() {
        int all = retries.waiting();
        for (ReconnectingConnection connection : connections) {
            all += connection.underWay();
        }
        return all;
    }

    @Override
    public long lateResponses() {
        return lateResponses.sum();
    }

    @Override
    void closeCalls() {
        int left = retries.waiting() + inFilters();
        retries.close(ConnectionLoss.byClose(address()));
        whenClosed.accept(ConnectionLoss.byClose(address()));
        for (ReconnectingConnection connection : connections) {
            connection.close();
            left += connection.cutByClose();
        }
        callsClosed(left);
        notifyState(new ClientState.Change(ClientState.CLOSED, address(), null, Duration.ZERO));
    }
}
