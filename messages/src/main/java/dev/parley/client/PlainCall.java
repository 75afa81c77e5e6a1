package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ClientClosedException;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.frame.FrameException;
import dev.parley.frame.FrameReader;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.ForeignProtocol;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageTls;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import dev.parley.net.tls.Tls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request on a connection of its own, as the tutorial's client makes it: connect, send, read one response, close.
 * Runs on the loop's thread. Its result is a future, which any thread may use. If the future is cancelled, the
 * connection is closed.
 *
 * <p>After a response, this class ends our direction of the connection. The response is accepted when the server has
 * ended the connection too, or has sent nothing more for 250 ms. The reason is that a server of another kind may send a
 * message of its own first, and its response after that.
 */
final class PlainCall implements Receiver {
    private final EventLoop loop;
    private final Address address;
    private final Duration timeout;
    private final @Nullable Tls tls;
    private final FrameReader reader;
    private final Response response = new Response(this::cancelled);
    private final Runnable whenSent;
    private boolean sent;
    private Message request;
    private @Nullable Message answer;
    private @Nullable Timer deadline;
    private @Nullable LoopConnection connection;
    private @Nullable MessageLog messageLog;

    /**
     * Makes a call that is not started yet.
     *
     * @param timeout zero for none
     * @param whenSent called when the request is sent
     */
    PlainCall(
            EventLoop loop,
            Address address,
            Message request,
            Duration timeout,
            ClientSettings settings,
            Runnable whenSent) {
        this.loop = loop;
        this.address = address;
        this.request = request;
        this.timeout = timeout;
        this.whenSent = whenSent;
        this.tls = settings.tls();
        this.reader = new FrameReader(settings.limits().frame(), Direction.RESPONSE);
    }

    CompletableFuture<Message> response() {
        return response;
    }

    /** Starts the call. Any thread may call this. */
    void start() {
        if (!loop.tryExecute(this::begin)) {
            response.completeExceptionally(ConnectionLoss.byClose(address));
        }
    }

    private void begin() {
        if (response.isDone()) {
            return;
        }
        if (!timeout.isZero()) {
            deadline = loop.schedule(timeout, this::timedOut);
        }
        try {
            request = request.going(Direction.REQUEST, Header.NO_ID);
            var _ = new FrameWriter().lengthOf(request.frame()); // throws if the header is too long
            connection = loop.connect(address, MessageTls.settings(address, loop, tls), this);
        } catch (Throwable badRequestOrAddress) {
            finish(badRequestOrAddress);
        }
    }

    /** Fails the call. Called on any thread when the client is closed. */
    void clientClosed() {
        if (loop.isCurrent()) {
            finish(byClose());
        } else if (!loop.tryExecute(() -> finish(byClose()))) {
            response.completeExceptionally(byClose());
        }
    }

    private ClientClosedException byClose() {
        return ConnectionLoss.byClose(address, sent ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED);
    }

    private void cancelled() {
        loop.tryExecute(this::end);
    }

    private void timedOut() {
        finish(new TimedOutException(
                "no answer from " + address + " within " + Durations.text(timeout)
                        + (sent
                                ? "; the request was sent, so its handler may still run: is it slow?"
                                : "; the request was not sent: could not connect"),
                sent ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED));
    }

    @Override
    public void opened(LoopConnection opened) {
        ByteBuffer frame;
        try {
            frame = FrameWriter.write(request.frame());
        } catch (Throwable notWritten) {
            finish(notWritten);
            return;
        }
        sent = true;
        whenSent.run();
        messageLog = MessageLog.ofClient(opened);
        if (messageLog != null) {
            messageLog.sent(request, Header.NO_ID);
        }
        opened.send(frame);
    }

    @Override
    public void bytes(LoopConnection from, ByteBuffer bytes) {
        if (answer != null) {
            answersNothing(bytes);
            return;
        }
        switch (reader.read(bytes)) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole when bytes.hasRemaining() -> answersNothing(bytes);
            case FrameReader.Whole whole -> answered(from, Message.of(whole.frame()));
            case FrameReader.Refused refused -> notAMessage(refused.error());
            case FrameReader.Broken broken -> notAMessage(broken.error());
            case FrameReader.Foreign foreign ->
                finish(lost(ForeignProtocol.guess(foreign).seenByClient(), CloseReason.PROTOCOL, null));
        }
    }

    private void answered(LoopConnection from, Message message) {
        answer = message;
        if (messageLog != null) {
            messageLog.received(message);
        }
        if (deadline != null) {
            deadline.cancel();
        }
        deadline = loop.schedule(PeerDiscovery.PLAIN_GRACE, () -> succeed(message));
        from.shutdownOutput();
    }

    private void answersNothing(ByteBuffer bytes) {
        boolean beginsMessage = bytes.remaining() > 2 && bytes.get(bytes.position() + 2) == '{';
        String how = beginsMessage
                ? "it sends messages that do not answer a request"
                : "after its answer " + ForeignProtocol.behindMessages();
        finish(lost(how, CloseReason.PROTOCOL, null));
    }

    private void notAMessage(FrameException error) {
        finish(lost("its answer is not a message: " + error.getMessage(), CloseReason.PROTOCOL, error));
    }

    @Override
    public void ended(LoopConnection from) {
        if (answer != null) {
            succeed(answer);
            return;
        }
        String how = reader.isInsideFrame()
                ? "it closed in the middle of its answer"
                : "it closed without an answer; its log may say why";
        finish(lost(how, CloseReason.PEER, null));
    }

    @Override
    public void closed(LoopConnection from, CloseReason reason) {
        if (messageLog != null) {
            messageLog.closed(reason);
        }
        if (answer != null) {
            succeed(answer);
            return;
        }
        Throwable cause = from.closeCause();
        finish(
                cause instanceof ConnectFailedException failed
                        ? failed
                        : lost("the connection was lost: " + from.closeText() + " (" + reason + ")", reason, cause));
    }

    private ConnectionLostException lost(String how, CloseReason reason, @Nullable Throwable cause) {
        return new ConnectionLostException("no answer from " + address + ": " + how, reason, Outcome.UNKNOWN, cause);
    }

    private void succeed(Message message) {
        response.complete(message);
        end();
    }

    private void finish(Throwable failure) {
        response.completeExceptionally(
                failure instanceof RuntimeException
                        ? new IllegalArgumentException(failure.getMessage(), failure)
                        : failure);
        end();
    }

    private void end() {
        if (deadline != null) {
            deadline.cancel();
        }
        if (connection != null) {
            connection.closeWithoutLingering(CloseReason.LOCAL);
        }
    }
}
