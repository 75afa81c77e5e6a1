package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.MessageOutput;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a client: many calls at once, each found again by its id. It is made when it is needed, and again
 * after it was lost. Runs on the loop's thread.
 *
 * <p>A peer that it does not know yet gets one request at a time, in a form that the tutorial's server understands too,
 * until a response repeats an id; one that answers without an id is plain, and each further request goes to it on a
 * connection of its own.
 */
public final class ClientConnection {
    /** Calls that wait for their turn, of programs that start calls without waiting for any. */
    private static final int WAITING_MAX = 10_000;

    private enum Peer {
        UNKNOWN,
        FULL,
        PLAIN
    }

    private final EventLoop loop;
    private final Address address;
    private final MessageLimits limits;
    private final LongAdder lateResponses;
    private final PendingCalls pending = new PendingCalls();
    private final RequestKeys keys = new RequestKeys();
    private final Queue<Call> waiting = new ArrayDeque<>();
    private Peer peer = Peer.UNKNOWN;
    private long lastId;
    private @Nullable Line line;
    private boolean closed;

    /** A connection that is not made yet. */
    public ClientConnection(EventLoop loop, Address address, MessageLimits limits, LongAdder lateResponses) {
        this.loop = loop;
        this.address = address;
        this.limits = limits;
        this.lateResponses = lateResponses;
    }

    // Calls.

    /**
     * Whether a call would not be refused at once. One that is must not be from within the call that makes it: who
     * answers a refusal with another call would go deeper each time.
     */
    public boolean takesCalls() {
        return !closed && waiting.size() < WAITING_MAX;
    }

    /** Takes a call; its future ends by its deadline at the latest. */
    public void submit(Call call) {
        if (closed) {
            call.fail(lostByClose());
        } else if (!takesCalls()) {
            call.fail(RefusedException.here(
                    ErrorCode.BUSY, WAITING_MAX + " calls to " + address + " wait already; wait for some of them"));
        } else {
            call.watch(loop, this::dropped);
            waiting.add(call);
            sendWaiting();
        }
    }

    /** Connects now, so that the first call need not; tells when it stands. */
    public void connect(Runnable opened, Consumer<IOException> failed) {
        line = new Line(opened, failed);
        line.start();
    }

    /** A call that ran out of time frees its place; a peer that we do not know may be spinning on it. */
    private void dropped(Call call) {
        boolean wasPending = pending.remove(call.id()) != null;
        if (wasPending && peer == Peer.UNKNOWN && line != null) {
            line.end(CloseReason.LOCAL);
        }
        sendWaiting();
    }

    private void sendWaiting() {
        while (!waiting.isEmpty() && !closed) {
            Call next = waiting.element();
            if (next.isOver()) {
                waiting.remove();
            } else if (peer == Peer.PLAIN) {
                waiting.remove();
                sendPlain(next);
            } else if (maySend()) {
                waiting.remove();
                send(next);
            } else {
                return;
            }
        }
    }

    /** Where there is no connection, one is started; what waits goes on when it stands. */
    private boolean maySend() {
        Line current = line;
        if (current == null) {
            connect(() -> {}, failure -> {});
            return false;
        }
        int most = peer == Peer.FULL ? limits.inFlightMax() : 1;
        return current.isOpen() && pending.size() < most && !current.isHeldBack();
    }

    private void send(Call call) {
        if (peer == Peer.FULL) {
            sendWithId(call, call.request(), call.action());
            return;
        }
        Message careful = FirstRequest.carryingAction(call.request(), call.action());
        if (careful == null) {
            askFirst(call);
        } else {
            sendWithId(call, careful, call.action());
        }
    }

    /** The call waits in front of all others for the answer to a question that any peer survives. */
    private void askFirst(Call call) {
        var question = new Call(loop, address, null, FirstRequest.whoAreYou(), call.timeLeft(loop));
        question.watch(loop, this::dropped);
        var _ = question.response().whenComplete((answer, failure) -> {
            if (failure == null || failure instanceof RefusedException) {
                submitAgain(call);
            } else {
                call.fail(failure);
            }
        });
        sendWithId(question, question.request(), "parley.peer");
    }

    private void submitAgain(Call call) {
        if (!call.isOver()) {
            List<Call> others = new ArrayList<>(waiting);
            waiting.clear();
            waiting.add(call);
            waiting.addAll(others);
        }
    }

    private void sendWithId(Call call, Message request, @Nullable String action) {
        Line current = line;
        if (current == null) {
            throw new IllegalStateException("no connection");
        }
        Message message = keys.addTo(request, action, millis(call));
        long id = ++lastId;
        try {
            current.put(message, id);
        } catch (IllegalArgumentException headerTooLong) {
            call.fail(headerTooLong);
            return;
        }
        pending.put(id, call);
        call.markSent();
    }

    private long millis(Call call) {
        return call.hasDeadline() ? (call.timeLeft(loop).toNanos() + 999_999) / 1_000_000 : RequestKeys.NO_TIMEOUT;
    }

    /** As the tutorial's own client does: a connection for one request, with the action in its content. */
    private void sendPlain(Call call) {
        Message request = FirstRequest.carryingAction(call.request(), call.action());
        if (request == null) {
            call.fail(RefusedException.here(
                    ErrorCode.UNSUPPORTED_TYPE,
                    address + " speaks the tutorial's plain messages alone: the content must be a JSON object that is"
                            + " not empty, to hold the action"));
            return;
        }
        call.markSent();
        var _ = PlainCall.start(loop, address, request, call.timeLeft(loop), limits)
                .whenComplete((response, failure) -> {
                    if (failure == null) {
                        succeed(call, response);
                    } else {
                        call.fail(failure);
                    }
                });
    }

    private void succeed(Call call, Message response) {
        String status = response.status().orElse("");
        if (status.isEmpty()) {
            call.succeed(response);
        } else if (status.equals(ErrorCode.TIMEOUT.wire()) && call.hasDeadline()) {
            call.timedOut();
        } else {
            call.fail(RefusedException.of(address.toString(), call.action(), status, response));
        }
    }

    // Responses.

    private void take(Line from, FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> take(from, Message.of(whole.frame()));
            case FrameReader.Refused refused -> {
                Call call = pending.remove(refused.id());
                String why = "its answer is no message: " + refused.error().getMessage();
                if (call == null) {
                    from.fail(why, CloseReason.PROTOCOL);
                } else {
                    call.fail(lost(why, CloseReason.PROTOCOL, Outcome.UNKNOWN, refused.error()));
                }
            }
            case FrameReader.Broken broken ->
                from.fail("its answer is no message: " + broken.error().getMessage(), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign -> from.fail(foreign.protocol().seenByClient(), CloseReason.PROTOCOL);
        }
    }

    private void take(Line from, Message response) {
        long id = response.header().id();
        if (response.header().others().containsKey(Header.CONTROL)) {
            return; // this version knows none, and none is answered
        }
        if (id == Header.NO_ID) {
            takeWithoutId(from, response);
            return;
        }
        Call call = pending.remove(id);
        if (call != null) {
            peer = Peer.FULL;
            succeed(call, response);
        } else if (id <= lastId) {
            lateResponses.increment();
        } else {
            from.fail("it answered a request that was never sent", CloseReason.PROTOCOL);
        }
    }

    private void takeWithoutId(Line from, Message response) {
        if (response.header().isTrue(Header.CLOSE)) {
            String status = response.status().orElse("ok");
            from.fail(RefusedException.of(address.toString(), null, status, response), CloseReason.PEER);
        } else if (peer == Peer.UNKNOWN && pending.size() == 1) {
            peer = Peer.PLAIN;
            Call call = pending.removeAll().getFirst();
            succeed(call, response);
            from.end(CloseReason.LOCAL);
        } else {
            from.fail("it sent a message that answers nothing", CloseReason.PROTOCOL);
        }
    }

    // The end.

    /** Fails what is under way, and closes. */
    public void close() {
        closed = true;
        Line current = line;
        if (current != null) {
            current.fail("the client is closed", CloseReason.LOCAL);
        }
        failAllWaiting(lostByClose());
    }

    /** Any thread. */
    ConnectionLostException lostByClose() {
        return lost("the client is closed", CloseReason.LOCAL, Outcome.NOT_PROCESSED, null);
    }

    private ConnectionLostException lost(String how, CloseReason reason, Outcome outcome, @Nullable Throwable cause) {
        return new ConnectionLostException("no answer from " + address + ": " + how, reason, outcome, cause);
    }

    private void failPending(Throwable failure) {
        pending.removeAll().forEach(call -> call.fail(failure));
    }

    private void failAllWaiting(Throwable failure) {
        List<Call> calls = new ArrayList<>(waiting);
        waiting.clear();
        calls.forEach(call -> call.fail(failure));
    }

    /** One connection of the kernel's; a lost one is replaced by another. */
    private final class Line implements Receiver {
        private final FrameReader reader = new FrameReader(limits.frame(), Direction.RESPONSE);
        private final Runnable whenOpened;
        private final Consumer<IOException> whenFailed;
        private @Nullable LoopConnection connection;
        private @Nullable MessageOutput output;
        private boolean flushIsDue;

        Line(Runnable whenOpened, Consumer<IOException> whenFailed) {
            this.whenOpened = whenOpened;
            this.whenFailed = whenFailed;
        }

        void start() {
            connection = loop.connect(address, this);
        }

        boolean isOpen() {
            return output != null;
        }

        boolean isHeldBack() {
            MessageOutput out = output;
            return out != null && out.isHeldBack();
        }

        /** Everything that the callbacks and tasks of one turn send leaves together. */
        void put(Message message, long id) {
            MessageOutput out = output;
            if (out == null) {
                throw new IllegalStateException("not open");
            }
            out.put(message, id);
            if (!flushIsDue) {
                flushIsDue = true;
                loop.defer(this::flush);
            }
        }

        private void flush() {
            flushIsDue = false;
            MessageOutput out = output;
            if (out != null && line == this) {
                out.flush();
            }
        }

        @Override
        public void opened(LoopConnection opened) {
            output = new MessageOutput(opened);
            whenOpened.run();
            sendWaiting();
        }

        @Override
        public void bytes(LoopConnection from, ByteBuffer bytes) {
            while (bytes.hasRemaining() && line == this) {
                take(this, reader.read(bytes));
            }
            sendWaiting();
        }

        @Override
        public boolean isBusy() {
            return pending.size() > 0;
        }

        @Override
        public void writable(LoopConnection from) {
            sendWaiting();
        }

        @Override
        public void ended(LoopConnection from) {
            fail(
                    reader.isInsideFrame()
                            ? "it closed inside its answer"
                            : "it closed the connection; its log may say why",
                    CloseReason.PEER);
        }

        @Override
        public void closed(LoopConnection from, CloseReason reason) {
            if (line != this) {
                return;
            }
            if (from.closeCause() instanceof ConnectFailedException failure) {
                line = null;
                whenFailed.accept(failure);
                failAllWaiting(failure);
            } else {
                fail("the connection was lost: " + from.closeText() + " (" + reason + ")", reason);
            }
        }

        void fail(String how, CloseReason reason) {
            fail(lost(how, reason, Outcome.UNKNOWN, null), reason);
        }

        /** All that was sent on it has no answer; what waits goes on, on another one. */
        void fail(Throwable failure, CloseReason reason) {
            end(reason);
            failPending(failure);
            sendWaiting();
        }

        void end(CloseReason reason) {
            if (line == this) {
                line = null;
                if (peer == Peer.FULL) {
                    peer = Peer.UNKNOWN; // another server may be behind the address next time
                }
            }
            if (output != null) {
                output.discard();
            }
            LoopConnection current = connection;
            if (current != null && current.closeReason() == null) {
                current.close(reason);
            }
        }
    }
}
