package dev.parley.server;

import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.link.MessageLog;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The open sessions of a server on one loop. A {@link Drain} ends all of them. Runs on the loop's thread. */
public final class Sessions {
    private static final Duration RETRY = Duration.ofMillis(5);

    private final EventLoop loop;
    private final Set<Session> open = new LinkedHashSet<>();
    private final FairShare fairShare;
    private final FairQueue fairQueue;
    private final ContentPreparer contentPreparer;
    private final LentRequest lentRequest;
    private final HandlerExecutor executor;
    private final Set<HandlerExecutor.Session> retries = new LinkedHashSet<>();
    private @Nullable Drain drain;

    /** The part of a session that a drain of the server uses. */
    interface Session extends HandlerExecutor.Session {
        /** Stops taking new requests, and asks the client to use another connection. */
        void drain();

        /**
         * Ends everything that still runs, because the grace period of the drain is over.
         *
         * @return the number of requests and streams that were cut off
         */
        int cut();

        /** Forgets these principals, and ends their requests. */
        void revoke(Predicate<? super Principal> principals);

        /** Resets the connection, which has not closed in time after {@link #cut}. */
        void reset();
    }

    /** Creates an empty set for one server on one loop. Any thread may call this. */
    public Sessions(EventLoop loop, ServerSettings settings) {
        this.loop = loop;
        executor = new HandlerExecutor(loop, settings.threads());
        fairShare = new FairShare();
        fairQueue = new FairQueue(loop);
        contentPreparer = new ContentPreparer(loop);
        lentRequest = new LentRequest(settings.limits().json());
    }

    /** Returns the executor that runs the handlers of all these sessions. */
    HandlerExecutor executor() {
        return executor;
    }

    /** Returns the object that turns the frames which these sessions read into requests. */
    LentRequest lentRequest() {
        return lentRequest;
    }

    /** Returns the object that prepares contents which would take too long on the loop's thread. */
    ContentPreparer contentPreparer() {
        return contentPreparer;
    }

    /**
     * Flushes a session a little later, once, even if this is called several times until then. Called when there is no
     * memory for a request or response of a connection. Until the retry, other connections may free some memory.
     */
    void retryLater(HandlerExecutor.Session session) {
        if (retries.isEmpty()) {
            loop.schedule(RETRY, this::retry);
        }
        retries.add(session);
    }

    private void retry() {
        List<HandlerExecutor.Session> due = List.copyOf(retries);
        retries.clear();
        due.forEach(session -> session.guarded(session::flush));
    }

    /** Returns the share of the connection whose turn it is. */
    FairShare fairShare() {
        return fairShare;
    }

    /** Returns the last message to a connection that gets no session, because a limit on connections is reached. */
    public static ByteBuffer lastWords(LoopConnection accepted, ServerSettings settings) {
        UnauthenticatedConnections unauthenticated = settings.unauthenticated();
        int most = accepted.loop().limits().connectionsMax();
        Message words = unauthenticated != null && unauthenticated.areTooMany(accepted)
                ? unauthenticated.lastWords(accepted)
                : ErrorResponses.noRoom("the server has reached its limit of connections, " + most);
        MessageLog messageLog = MessageLog.ofServer(accepted, settings.observer());
        if (messageLog != null) {
            messageLog.sent(words, Header.NO_ID);
        }
        return FrameWriter.write(words.frame());
    }

    /** Returns the queue of the connections that have more work than fits into one turn. */
    FairQueue fairQueue() {
        return fairQueue;
    }

    void add(Session session) {
        open.add(session);
    }

    void remove(Session session) {
        if (open.remove(session) && drain != null) {
            drain.oneLess();
        }
    }

    /** Forgets these principals, and ends their requests soon. Any thread may call this. */
    public void revoke(Predicate<? super Principal> principals) {
        loop.tryExecute(() -> new ArrayList<>(open).forEach(session -> revoke(session, principals)));
    }

    /**
     * Revokes principals of one session. If the user's predicate throws, the other sessions lose theirs all the same.
     */
    private void revoke(Session session, Predicate<? super Principal> principals) {
        try {
            session.revoke(principals);
        } catch (Throwable thrown) {
            loop.observer().failed("revoking principals", thrown);
        }
    }

    /**
     * Stops taking new requests, lets running requests finish within the grace period, and cuts off the rest. If a
     * drain is under way already, this call joins it, and the grace period that ends first counts. Any thread may call
     * this.
     *
     * @return a future that completes when no session is open any more
     */
    public CompletableFuture<DrainReport> drain(Duration grace) {
        var report = new CompletableFuture<DrainReport>();
        boolean runs = loop.tryExecute(() -> {
            Drain now = drain;
            if (now == null) {
                now = new Drain(loop, open);
                drain = now;
                now.begin(grace);
            } else {
                now.cutAfter(grace);
            }
            var _ = now.report().thenAccept(report::complete);
        });
        if (!runs) {
            report.complete(DrainReport.NOTHING);
        }
        return report;
    }
}
