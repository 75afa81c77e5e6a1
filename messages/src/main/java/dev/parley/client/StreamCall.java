package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.StreamLink;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A stream of a client. The user can use both directions at once; messages that are sent before the connection is open
 * wait. The stream is over when the server has ended it, the user has closed it, or it has failed.
 */
final class StreamCall extends ClientExchange implements StreamLink {
    private final EventLoop loop;
    private final Consumer<StreamCall> whenCancelled;
    private final StreamReceiver in;
    private final StreamSender out;
    private final CompletableFuture<Message> ended = new CompletableFuture<>();

    /** True if the first message says that further messages of the client follow. */
    private final boolean sendsMore;

    // Used only on the loop's thread.
    private boolean over;
    private boolean readyEarly;

    /**
     * Makes a stream that begins now.
     *
     * @param setup its request is a mark if our values follow
     * @param sendsMore whether further messages of this client follow the first message
     * @param whenCancelled called on any thread when the user cancels the stream
     */
    StreamCall(EventLoop loop, CallSetup setup, boolean sendsMore, Consumer<StreamCall> whenCancelled) {
        super(loop, setup);
        this.loop = loop;
        this.sendsMore = sendsMore;
        this.whenCancelled = whenCancelled;
        this.in = new StreamReceiver(this, Header.NO_ID);
        this.out = new StreamSender(this, Direction.REQUEST, Header.NO_ID);
    }

    /** Returns a future that completes with an empty message when the stream has ended, and fails if it fails. */
    CompletableFuture<Message> ended() {
        return ended;
    }

    StreamReceiver in() {
        return in;
    }

    StreamSender out() {
        return out;
    }

    boolean sendsMore() {
        return sendsMore;
    }

    /** Cancels the stream, if the server has not ended it. Called on any thread when the user wants nothing more. */
    void cancel() {
        if (!in.hasEnded()) {
            whenCancelled.accept(this);
        }
    }

    // Called on the loop's thread.

    /** Called when the first message is sent. Messages that had to wait for the first one can be sent from now on. */
    void opened() {
        out.spent(request().contentLength());
        if (readyEarly) {
            readyEarly = false;
            ready(out);
        }
    }

    /** Takes a message from the server. Returns false if the server had no credit for it. */
    boolean take(Message response) {
        boolean good = in.add(response);
        if (good && in.hasEnded()) {
            over = true;
            stopTimer();
            out.stop(new ExchangeEndedException("the server has answered, and reads no more of this stream"));
            ended.complete(StreamMessages.mark());
        }
        return good;
    }

    /**
     * Ends the stream. Called when the user has closed it. Threads that still wait to send or receive get an exception
     * with the reason.
     */
    void closed() {
        if (!over) {
            over = true;
            var closed = new ExchangeEndedException("the stream was closed on this side");
            in.discard(closed);
            out.stop(closed);
            ended.complete(StreamMessages.mark());
        }
    }

    /** Returns true if the client's direction has ended on the wire. */
    boolean hasSentEnd() {
        return !sendsMore || out.hasSentLast();
    }

    /** Returns true if more than the first message was sent, or one was received: the handler may have begun. */
    private boolean hasBegun() {
        return out.hasSent() || in.hasReceived();
    }

    @Override
    boolean isSent() {
        return id() != Header.NO_ID;
    }

    @Override
    Outcome outcome() {
        return isSent() ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
    }

    @Override
    boolean isOver() {
        return over;
    }

    @Override
    void fail(Throwable failure) {
        if (!over) {
            over = true;
            stopTimer();
            boolean isOfLater = hasBegun() && failure instanceof RefusedException;
            Throwable told = isOfLater ? ((RefusedException) failure).ofLaterMessage() : failure;
            IOException why = told instanceof IOException io ? io : new IOException(told);
            in.stop(why);
            out.stop(why);
            ended.completeExceptionally(why);
        }
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public void ready(StreamSender sender) {
        Connection on = connection();
        if (on == null) {
            readyEarly = true;
        } else {
            on.ready(this);
        }
    }

    @Override
    public void grant(long ignored, int bytes) {
        Connection on = connection();
        if (on != null) {
            on.grant(id(), bytes);
        }
    }
}
