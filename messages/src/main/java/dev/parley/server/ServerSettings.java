package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.RequestObserver;
import dev.parley.net.LoopObserver;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all sessions of a server share.
 *
 * @param failures the log of the exceptions that handlers throw
 * @param unauthenticated the connections on which no credentials were accepted yet; null if the server does not require
 *     credentials
 * @param hooks the functions that are called when a client connects and disconnects
 * @param passedOn the keys of a request's header that pass to the calls of its handler
 * @param requestObserver is called when a request is over; null if requests are not measured
 * @param health the health of the server
 * @param answersHttpHealth true if the server also answers health checks over HTTP
 * @param limitsAbuse false if all clients belong to this process, so that one connection may carry the errors and
 *     cancels of many, and hold the memory of many
 */
public record ServerSettings(
        Router router,
        MessageLimits limits,
        boolean closeAfterResponse,
        LoopObserver observer,
        FailureLog failures,
        ThreadFactory threads,
        ServerCounters counters,
        @Nullable UnauthenticatedConnections unauthenticated,
        ConnectionHooks hooks,
        List<String> passedOn,
        @Nullable RequestObserver requestObserver,
        Health health,
        boolean answersHttpHealth,
        boolean limitsAbuse) {}
