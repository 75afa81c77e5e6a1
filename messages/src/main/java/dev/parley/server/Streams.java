package dev.parley.server;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header.Direction;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.link.StreamLink;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamScheduler;
import dev.parley.link.StreamSender;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The open streams of one connection, and the limit on their number. An id is in use until both sides have ended the
 * stream. If the server has ended a stream, further messages from the client for it are dropped. Runs on the loop's
 * thread.
 */
final class Streams implements StreamLink, HandlerTask.Callbacks {
    /** The maximum number of refused streams whose further messages can be dropped at the same time. */
    static final int DROPPING_MAX = 10_000;

    private final LoopConnection connection;
    private final ServerSettings settings;
    private final MessageOutput output;
    private final Callbacks owner;
    private final HandlerExecutor executor;
    private final StreamScheduler scheduler;
    private final Map<Long, ServerStream> open = new HashMap<>();

    /** The ids of streams that the server has ended, but the client has not. */
    private final Set<Long> dropping = new HashSet<>();

    private int handlers;

    private boolean peerEnded;
    private boolean haveEnded;

    /**
     * The bytes of the first messages of all streams. Each of these messages stays in memory while its handler runs.
     */
    private long requestBytes;

    /** The part of the session that its streams use. */
    interface Callbacks extends HandlerExecutor.Session {
        /** Returns the credentials that were accepted on the connection. Any thread may call this. */
        ConnectionCredentials credentials();

        /** Called when a stream has ended, or has something to send. */
        void changed();

        /** Logs an exception that a handler threw, and returns the error response for it. */
        Message failed(Message request, Route route, Throwable thrown);
    }

    Streams(
            LoopConnection connection,
            ServerSettings settings,
            HandlerExecutor executor,
            MessageOutput output,
            Callbacks owner) {
        this.connection = connection;
        this.settings = settings;
        this.output = output;
        this.owner = owner;
        this.executor = executor;
        this.scheduler = new StreamScheduler(output, out -> serverEnded(out.id()));
    }

    @Override
    public EventLoop loop() {
        return connection.loop();
    }

    @Override
    public FrameLimits limits() {
        return settings.limits().frame();
    }

    /**
     * Returns the memory, in bytes, of the messages that wait in the streams, and of the first messages of the streams.
     */
    long heldBytes() {
        long bytes = requestBytes;
        for (ServerStream stream : open.values()) {
            bytes += stream.in().heldBytes() + stream.out().heldBytes();
        }
        return bytes;
    }

    // What the client sends.

    boolean has(long id) {
        return open.containsKey(id) || dropping.contains(id);
    }

    /** Returns true if no stream is open, so that the client does not wait for the end of any stream. */
    boolean isEmpty() {
        return open.isEmpty();
    }

    /** Returns true if the last message of a stream was sent. */
    boolean haveEnded() {
        return haveEnded;
    }

    /** Returns true if the handler of a stream runs, even if no one waits for it any more. */
    boolean hasHandlers() {
        return handlers > 0;
    }

    /** Returns true if no further stream may be opened. The handler of a stream counts until it returns. */
    boolean isFull() {
        return Math.max(open.size() + dropping.size(), handlers)
                >= settings.limits().streamsMax();
    }

    /** The result of taking a message that has the id of a stream. */
    enum Piece {
        TAKEN,
        NOT_EXPECTED,
        WITHOUT_CREDIT
    }

    /** Takes a further message of a stream. */
    Piece take(Message piece) {
        long id = piece.header().id();
        boolean isLast = !piece.header().hasMore();
        if (dropping.contains(id)) {
            if (isLast) {
                dropping.remove(id);
            }
            return Piece.TAKEN;
        }
        ServerStream stream = Objects.requireNonNull(open.get(id));
        if (stream.hasClientEnded()) {
            return Piece.NOT_EXPECTED;
        }
        if (!stream.in().add(piece.kept())) {
            return Piece.WITHOUT_CREDIT;
        }
        if (isLast) {
            clientEnded(stream);
        }
        return Piece.TAKEN;
    }

    /** Opens a stream. The request is its first message, which has waited for this time since it was read. */
    void start(Message request, StreamWork work, Route kind, @Nullable RequestReport report, long waitedNanos) {
        long id = request.header().id();
        var in = new StreamReceiver(this, id);
        var out = new StreamSender(this, Direction.RESPONSE, id);
        Route route = new Route((asked, exchange) -> lastOf(work.handle(in, out, exchange)), false)
                .interrupting(kind.interrupts())
                .named(kind.action());
        var task = new HandlerTask(connection, request, route, this, waitedNanos, null, report);
        var stream = new ServerStream(in, out, task);
        open.put(id, stream);
        handlers++;
        requestBytes += task.heldBytes();
        settings.counters().handlers.incrementAndGet();
        var _ = in.add(request);
        if (in.hasEnded()) {
            stream.clientEnded();
        }
        if (kind.onLoop()) {
            task.runOnLoop(work, in, out, () -> overdue(stream));
        } else {
            task.start(executor, () -> overdue(stream));
        }
    }

    private static Message lastOf(@Nullable Message last) {
        return last == null ? StreamMessages.mark() : last;
    }

    /** Ends a stream with an error, because a further message of it was refused. */
    void refuse(long id, boolean more, Message error) {
        if (!more) {
            dropping.remove(id);
        }
        ServerStream stream = open.get(id);
        if (stream != null) {
            if (!more) {
                stream.clientEnded();
            }
            end(stream, error, "what the client sent was refused");
        }
    }

    /**
     * Drops the rest of a stream whose first message was answered.
     *
     * @return false if too many such streams are already remembered; this does not happen if the client ends its
     *     streams
     */
    boolean dropRest(long id) {
        return dropping.size() < DROPPING_MAX && dropping.add(id);
    }

    /**
     * Lets a stream send more bytes. Called when the client has granted them.
     *
     * @return whether that changes anything
     */
    boolean granted(long id, int bytes) {
        ServerStream stream = open.get(id);
        return stream != null && stream.out().grant(bytes);
    }

    /**
     * Ends the streams that the client has not ended. Called when nothing more is read, so that these streams can
     * receive nothing more.
     *
     * @return the number of streams that this method ended
     */
    int endUnfinished(Message error, String why) {
        int count = 0;
        for (ServerStream stream : new ArrayList<>(open.values())) {
            if (!stream.hasClientEnded()) {
                stream.clientEnded();
                end(stream, error, why);
                count++;
            }
        }
        return count;
    }

    void cancel(long id) {
        dropping.remove(id);
        ServerStream stream = open.get(id);
        if (stream != null) {
            stream.clientEnded();
            end(
                    stream,
                    ErrorResponses.of(ErrorCode.CANCELLED, "the client cancelled the request"),
                    "the client cancelled");
        }
    }

    /** Ends the streams of these principals with this error. */
    void revoke(Predicate<? super Principal> principals, Message error) {
        for (ServerStream stream : new ArrayList<>(open.values())) {
            if (stream.task().isOf(principals)) {
                end(stream, error, "the authorization of the client was revoked");
            }
        }
    }

    /**
     * Cancels the streams that the client has not ended. Called when the client has half-closed the connection, so that
     * it cannot end them any more.
     */
    void peerEnded() {
        peerEnded = true;
        dropping.clear();
        for (ServerStream stream : new ArrayList<>(open.values())) {
            if (!stream.hasClientEnded()) {
                cancel(stream.id());
            }
        }
    }

    // How streams end.

    /** Ends our side of a stream now, even if its handler still runs. */
    private void end(ServerStream stream, Message last, String why) {
        boolean endIsDue = !stream.out().hasEnded();
        if (endIsDue) {
            stream.answered(last);
        }
        stream.giveUp(why);
        if (endIsDue) {
            output.put(last.going(Direction.RESPONSE, stream.id()));
        }
        serverEnded(stream.id());
        owner.changed();
    }

    @Override
    public void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown) {
        handlers--;
        requestBytes -= task.heldBytes();
        settings.counters().handlers.decrementAndGet();
        ServerStream stream = open.get(task.id());
        if (task.answer() && stream != null && stream.task() == task) {
            boolean isOfEnd = thrown instanceof ExchangeEndedException
                    && (stream.out().failureOrNull() != null || isLoopEnding());
            if (thrown != null && !isOfEnd) {
                var _ = owner.failed(task.request(), task.route(), thrown);
            }
            stream.in().discard(new ExchangeEndedException("the handler has returned"));
            endOf(stream, response == null ? StreamMessages.mark() : response);
        }
        owner.changed();
    }

    private boolean isLoopEnding() {
        return !connection.loop().tryExecute(() -> {});
    }

    @Override
    public void failed(HandlerTask task, Throwable thrown) {
        owner.failed(task.request(), task.route(), thrown);
        ServerStream stream = open.get(task.id());
        if (stream != null && stream.task() == task) {
            owner.guarded(() -> end(stream, ErrorResponses.of(thrown), "its end could not be sent"));
        }
    }

    @Override
    public ConnectionCredentials credentials() {
        return owner.credentials();
    }

    @Override
    public List<String> passedOn() {
        return settings.passedOn();
    }

    @Override
    public void log(String where, Throwable thrown) {
        settings.failures().failed(connection.loop(), where, thrown);
    }

    private void endOf(ServerStream stream, Message last) {
        try {
            stream.out().end(last);
            stream.answered(last);
        } catch (RuntimeException notSent) {
            owner.failed(stream.task().request(), stream.task().route(), notSent);
            Message error = ErrorResponses.of(notSent);
            stream.out().end(error);
            stream.answered(error);
        }
        // If the client takes no more of the stream, it may have given up: it sends no cancel when its own time is
        // over.
        stream.task()
                .timeLeft()
                .ifPresent(left -> stream.timer(loop().schedule(HandlerTask.untilOver(left), () -> overdue(stream))));
    }

    private void overdue(ServerStream stream) {
        Message error = ErrorResponses.overdue(stream.task().request());
        owner.guarded(() -> end(stream, error, "the time that the client waits is over"));
    }

    private void clientEnded(ServerStream stream) {
        stream.clientEnded();
        if (stream.out().hasEnded()) {
            serverEnded(stream.id());
        }
    }

    private void serverEnded(long id) {
        ServerStream stream = open.remove(id);
        if (stream != null) {
            haveEnded = true;
            stream.timer(null);
            stream.notifyEnded();
            if (!stream.hasClientEnded()) {
                dropping.add(id);
            }
        }
    }

    /**
     * Ends all streams with this error. Nothing more of their handlers will be sent.
     *
     * @return the number of the streams
     */
    int giveUp(Message error) {
        int count = open.size();
        for (ServerStream stream : open.values()) {
            output.put(error.going(Direction.RESPONSE, stream.id()));
            stream.answered(error);
            stream.notifyEnded();
        }
        cancelAll();
        return count;
    }

    /** Cancels all streams. Called when the connection ends. */
    void cancelAll() {
        for (ServerStream stream : open.values()) {
            stream.connectionEnded();
            stream.timer(null);
        }
        open.clear();
        dropping.clear();
        scheduler.clear();
    }

    // What is sent.

    @Override
    public void ready(StreamSender sender) {
        scheduler.add(sender);
        owner.changed();
    }

    @Override
    public void grant(long id, int bytes) {
        if (open.containsKey(id)) {
            output.put(ControlFrames.credit(id, bytes));
            owner.changed();
        }
    }

    /**
     * Puts the messages that may be sent now into the output. If the client has half-closed the connection, streams
     * that need credit are cancelled, since the client cannot grant credit any more.
     */
    void send() {
        scheduler.run();
        if (peerEnded) {
            for (ServerStream stream : new ArrayList<>(open.values())) {
                if (stream.out().needsCredit()) {
                    cancel(stream.id());
                }
            }
        }
    }
}
