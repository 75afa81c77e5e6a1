package dev.parley.server;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.link.ControlFrames;
import dev.parley.link.MessageOutput;
import dev.parley.link.StreamLink;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamScheduler;
import dev.parley.link.StreamSender;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The open streams of one connection. An id is in use until both sides have ended; what a client still sends after the
 * server's end is dropped. Runs on the loop's thread.
 */
final class Streams implements StreamLink, HandlerTask.Owner {
    /** So many refused streams of a client that goes on with them are remembered. */
    static final int DROPPING_MAX = 10_000;

    private final LoopConnection connection;
    private final ServerSettings settings;
    private final MessageOutput output;
    private final Owner owner;
    private final HandlerExecutor executor;
    private final StreamScheduler scheduler;
    private final Map<Long, ServerStream> open = new HashMap<>();

    /** Ids that were answered while the client's side goes on. */
    private final Set<Long> dropping = new HashSet<>();

    private int handlers;

    private boolean peerEnded;

    /** Each first message stays as long as its handler runs. */
    private long requestBytes;

    /** The session. */
    interface Owner {
        /** Something waits to leave, or has ended. */
        void changed();

        /** A handler threw what it should not have. */
        void failed(Message request, Throwable thrown);
    }

    Streams(
            LoopConnection connection,
            ServerSettings settings,
            HandlerExecutor executor,
            MessageOutput output,
            Owner owner) {
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

    /** How much memory the messages that wait in them take, and those that began them. */
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

    /** Whether none is open, and no client waits for anything of one. */
    boolean isEmpty() {
        return open.isEmpty();
    }

    /** Whether another one would be one too many; a handler counts until it returns. */
    boolean isFull() {
        return Math.max(open.size() + dropping.size(), handlers)
                >= settings.limits().streamsMax();
    }

    /** What became of a message that bears the id of a stream. */
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

    /** Opens a stream; the request is its first message. */
    void start(Message request, StreamWork work, boolean interrupts) {
        long id = request.header().id();
        var in = new StreamReceiver(this, id);
        var out = new StreamSender(this, Direction.RESPONSE, id);
        Route route =
                new Route((asked, exchange) -> lastOf(work.handle(in, out, exchange)), false).interrupting(interrupts);
        var task = new HandlerTask(connection, request, route, this);
        var stream = new ServerStream(in, out, task);
        open.put(id, stream);
        handlers++;
        requestBytes += task.heldBytes();
        settings.counters().handlers.incrementAndGet();
        var _ = in.add(request);
        if (in.hasEnded()) {
            stream.clientEnded();
        }
        task.start(executor, () -> overdue(stream));
    }

    private static Message lastOf(@Nullable Message last) {
        return last == null ? StreamMessages.mark() : last;
    }

    /** A further message of a stream is none, and ends it. */
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
     * A first message was answered, and more of it follows: that is dropped.
     *
     * @return whether there was room to remember that; a client that ends its streams never fills it
     */
    boolean dropRest(long id) {
        return dropping.size() < DROPPING_MAX && dropping.add(id);
    }

    /**
     * The client grants a stream more bytes.
     *
     * @return whether that changes anything
     */
    boolean granted(long id, int bytes) {
        ServerStream stream = open.get(id);
        return stream != null && stream.out().grant(bytes);
    }

    /**
     * Nothing more is read: streams whose client has not ended them can get nothing any more, and end now.
     *
     * @return how many
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

    /** The client has half-closed: what it had not ended will not end. */
    void peerEnded() {
        peerEnded = true;
        dropping.clear();
        for (ServerStream stream : new ArrayList<>(open.values())) {
            if (!stream.hasClientEnded()) {
                cancel(stream.id());
            }
        }
    }

    // What becomes of them.

    /** Ends our side now, whatever its handler does. */
    private void end(ServerStream stream, Message last, String why) {
        boolean endIsDue = !stream.out().hasEnded();
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
            if (thrown != null && !ErrorResponses.isAnswer(thrown)) {
                owner.failed(task.request(), thrown);
            }
            stream.in().discard(new ExchangeEndedException("the handler has returned"));
            endOf(stream, response == null ? StreamMessages.mark() : response);
        }
        owner.changed();
    }

    @Override
    public void failed(HandlerTask task, Throwable thrown) {
        owner.failed(task.request(), thrown);
        ServerStream stream = open.get(task.id());
        if (stream != null && stream.task() == task) {
            end(stream, ErrorResponses.of(thrown), "its end could not be sent");
        }
    }

    @Override
    public void hookFailed(HandlerTask task, Throwable thrown) {
        settings.failures().failed(connection.loop(), task.hookName(), thrown);
    }

    private void endOf(ServerStream stream, Message last) {
        try {
            stream.out().end(last);
        } catch (RuntimeException notSent) {
            owner.failed(stream.task().request(), notSent);
            stream.out().end(ErrorResponses.of(notSent));
        }
        // A client that takes nothing more may have given up: it sends no cancel when its own time is over.
        stream.task()
                .timeLeft()
                .ifPresent(left -> stream.timer(loop().schedule(HandlerTask.untilOver(left), () -> overdue(stream))));
    }

    private void overdue(ServerStream stream) {
        end(stream, ErrorResponses.overdue(stream.task().request()), "the time that the client waits is over");
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
            stream.timer(null);
            if (!stream.hasClientEnded()) {
                dropping.add(id);
            }
        }
    }

    /** The ids whose ends are missing; none of their handlers will be heard any more. */
    List<Long> giveUp() {
        var ids = new ArrayList<>(open.keySet());
        cancelAll();
        return ids;
    }

    /** The connection ends. */
    void cancelAll() {
        for (ServerStream stream : open.values()) {
            stream.giveUp("the connection has ended");
            stream.timer(null);
        }
        open.clear();
        dropping.clear();
        scheduler.clear();
    }

    // What leaves.

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

    /** Puts what may go now into the output. A client that has half-closed grants nothing any more. */
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
