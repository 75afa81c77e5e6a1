package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.ForeignProtocol;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.LentContents;
import dev.parley.link.MessageOutput;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Durations;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a server: messages are read, routed, handled and answered. Requests without an id are handled one
 * after another; those with one at once, and answered as they are done. Where no further request may start, reading
 * stops, so the peer is held back by its own socket and nothing here grows. Runs on the loop's thread.
 */
public final class ServerSession implements Receiver {
    private final ServerSettings settings;
    private final LoopConnection connection;
    private final FrameReader reader;
    private final MessageOutput responses;
    private final MessageClock clock;
    private final InFlight inFlight;
    private final Ending ending;
    private final OnLoop onLoop;

    /** The request of the frame that was lent last, which is nearly always that of the next one. */
    private @Nullable Message lastRequest;

    /** A plain request, or the refusal of one, whose turn has not come: the one before it is still being handled. */
    private FrameReader.@Nullable Result waiting;

    /** What was read after the moment from which nothing further could start; null while reading goes on. */
    private @Nullable ByteBuffer unread;

    private boolean peerEnded;
    private boolean over;

    /** A session for one connection. */
    public ServerSession(ServerSettings settings, LoopConnection connection) {
        this.settings = settings;
        this.connection = connection;
        this.reader = new FrameReader(settings.limits().frame(), Direction.REQUEST, LentContents.ofThisThread());
        this.responses = new MessageOutput(connection);
        this.clock = new MessageClock(connection.loop(), settings.limits(), this::tooSlow);
        this.inFlight = new InFlight(connection, settings, this::answerOfHandler);
        this.onLoop = new OnLoop(connection);
        this.ending = new Ending(connection, settings.limits().drainGrace(), inFlight, responses);
    }

    // Reading.

    @Override
    public void bytes(LoopConnection ignored, ByteBuffer bytes) {
        if (over || ending.hasBegun()) {
            return;
        }
        if (unread != null) {
            unread = joined(unread, bytes);
            return;
        }
        take(bytes);
        if (bytes.hasRemaining() && !over && !ending.hasBegun()) {
            unread = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            connection.pauseReading();
        }
        settle();
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }

    /** Takes messages until the bytes are used up or nothing further may start. */
    private void take(ByteBuffer bytes) {
        while (bytes.hasRemaining() && mayStart()) {
            take(reader.read(bytes));
        }
    }

    private boolean mayStart() {
        return !over && !ending.hasBegun() && waiting == null && !inFlight.isFull() && !responses.isHeldBack();
    }

    /** Something that held the next request back is over: a handler returned, or the peer took what was queued. */
    private void goOn() {
        FrameReader.Result next = waiting;
        if (next != null && !inFlight.hasPlain() && !inFlight.isFull() && !over) {
            waiting = null;
            take(next);
        }
        ByteBuffer rest = unread;
        if (rest != null && mayStart()) {
            take(rest);
            if (!rest.hasRemaining() && !over && !ending.hasBegun()) {
                unread = null;
                connection.resumeReading();
            }
        }
    }

    /** After every event: what is ready leaves, and the clock runs for a message that has begun. */
    private void settle() {
        responses.flush();
        if (over || ending.hasBegun() || unread != null) {
            clock.stop();
            return;
        }
        clock.watch(reader);
        if (peerEnded && inFlight.isEmpty() && waiting == null) {
            over = true;
            connection.close();
        }
    }

    private void take(FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> {
                clock.stop();
                begin(whole, requestOf(whole.frame()));
            }
            case FrameReader.Refused refused -> {
                clock.stop();
                refuse(refused);
            }
            case FrameReader.Broken broken -> end(Errors.of(broken.error()), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign -> turnAway(foreign.protocol());
        }
    }

    // Requests.

    @SuppressWarnings("ReferenceEquality") // the very frame that was lent before
    private Message requestOf(Frame frame) {
        Message last = lastRequest;
        if (last != null && last.frame() == frame) {
            return last;
        }
        Message request = Message.of(frame);
        lastRequest = request;
        return request;
    }

    private void begin(FrameReader.Whole whole, Message request) {
        if (request.header().others().containsKey(Header.CONTROL)) {
            settings.counters().ignoredControls.increment();
        } else if (request.header().id() != Header.NO_ID
                && inFlight.has(request.header().id())) {
            endForDuplicateId();
        } else {
            handle(whole, request);
        }
    }

    private void endForDuplicateId() {
        end(
                Errors.of(ErrorCode.DUPLICATE_ID, "id is that of a request that is still being handled"),
                CloseReason.PROTOCOL);
    }

    private void refuse(FrameReader.Refused refused) {
        if (refused.id() == Header.NO_ID && inFlight.hasPlain()) {
            waiting = refused;
        } else if (inFlight.has(refused.id())) {
            endForDuplicateId();
        } else {
            answer(refused.id(), Errors.of(refused.error()));
        }
    }

    private void handle(FrameReader.Whole whole, Message request) {
        long id = request.header().id();
        boolean isTooEarly = id == Header.NO_ID && inFlight.hasPlain();
        Route route = null;
        RuntimeException unreadable = null;
        try {
            route = settings.router().find(request);
        } catch (RuntimeException e) {
            unreadable = e;
        }
        if (isTooEarly && (route == null || route.onLoop() || !inFlight.mayFollow(request))) {
            waiting = new FrameReader.Whole(whole.frame().kept());
            return;
        }
        settings.counters().requests.increment();
        if (unreadable != null) {
            answer(id, failed(request, unreadable));
        } else if (route == null) {
            String why = settings.router().whyNobody(request, isOnThisHost());
            answer(id, Errors.of(ErrorCode.UNKNOWN_ACTION, why));
        } else if (request.header().timeoutMillis() == 0) {
            answer(id, Errors.of(ErrorCode.TIMEOUT, "timeout-ms was 0: no time to handle the request"));
        } else if (route.onLoop()) {
            answer(id, handleHere(route, request));
        } else {
            inFlight.start(request.kept(), route);
        }
    }

    private Message handleHere(Route route, Message request) {
        try {
            Message response = route.handler().handle(request, onLoop.of(request));
            return Objects.requireNonNull(response, "the handler returned null");
        } catch (Throwable thrown) {
            return failed(request, thrown);
        }
    }

    /** Whatever a handler throws costs this one request. */
    private Message failed(@Nullable Message request, Throwable thrown) {
        if (!Errors.isAnswer(thrown)) {
            String action = request == null ? null : Router.actionOf(request);
            String handler = action == null ? "the handler of a request" : "the handler of '" + action + "'";
            settings.events()
                    .failed(
                            handler + " on connection " + connection.id() + " with " + connection.peerAddress()
                                    + " threw",
                            thrown);
        }
        return Errors.of(thrown);
    }

    private boolean isOnThisHost() {
        return !(connection.peerAddress() instanceof Address.Tcp tcp) || tcp.isLoopback();
    }

    private void answer(long id, Message response) {
        if (!settings.closeAfterResponse()) {
            put(response, id);
        } else if (!over) {
            over = true;
            inFlight.cancelAll();
            put(response, id);
            responses.flush();
            connection.closeLingering(CloseReason.LOCAL);
        }
    }

    /** A response without further keys leaves as it is, with the id of its request. */
    private void put(Message response, long id) {
        boolean isPlain = response.header().others().isEmpty();
        try {
            responses.put(isPlain ? response : response.going(Direction.RESPONSE, id), id);
        } catch (IllegalArgumentException headerTooLong) {
            responses.put(failed(null, headerTooLong), id);
        }
    }

    /** A handler on a virtual thread has returned, or its time is over; what is ready by then leaves together. */
    private void answerOfHandler(Message request, @Nullable Message response, @Nullable Throwable thrown) {
        if (over) {
            return;
        }
        if (thrown != null && !Errors.isAnswer(thrown)) {
            failed(request, thrown);
        }
        if (response != null) {
            answer(request.header().id(), response);
        }
        ending.goOn();
        inFlight.settleLater(this);
    }

    /** What handlers have answered leaves, and whatever they held back goes on. */
    void flush() {
        if (connection.closeReason() == null && !over) {
            goOn();
            settle();
        }
    }

    @Override
    public void writable(LoopConnection ignored) {
        goOn();
        settle();
    }

    // Endings.

    @Override
    public boolean isBusy() {
        return !inFlight.isEmpty();
    }

    private void end(Message error, CloseReason reason) {
        clock.stop();
        unread = null;
        ending.begin(error, reason);
    }

    private void tooSlow(boolean header, Duration time) {
        if (over || ending.hasBegun() || connection.closeReason() != null) {
            return;
        }
        String what = header ? "header" : "content";
        end(
                Errors.of(ErrorCode.TIMEOUT, "the " + what + " was not complete within " + Durations.text(time)),
                header ? CloseReason.HEADER_TIMEOUT : CloseReason.CONTENT_TIMEOUT);
    }

    private void turnAway(ForeignProtocol protocol) {
        over = true;
        clock.stop();
        settings.events()
                .warned("connection " + connection.id() + " from " + connection.peerAddress() + " "
                        + protocol.seenByServer());
        responses.flush();
        if (protocol.isHttp()) {
            connection.send(HttpPage.BAD_REQUEST);
            connection.closeLingering(CloseReason.PROTOCOL);
        } else {
            connection.close(CloseReason.PROTOCOL);
        }
    }

    @Override
    public void ended(LoopConnection ignored) {
        peerEnded = true;
        if (reader.isInsideFrame() && !ending.hasBegun() && !over) {
            settings.counters().truncated.increment();
            over = true;
            connection.close(CloseReason.PROTOCOL); // cut off inside a message: nobody waits for an answer
        }
        settle();
    }

    @Override
    public void closed(LoopConnection ignored, CloseReason reason) {
        over = true;
        clock.end();
        ending.stop();
        inFlight.cancelAll();
        responses.discard();
    }
}
