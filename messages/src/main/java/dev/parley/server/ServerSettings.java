package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.net.LoopObserver;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all sessions of a server share.
 *
 * @param failures the log of the exceptions that handlers throw
 * @param unauthenticated the connections on which no credentials were accepted yet; null if the server does not require
 *     credentials
 */
public record ServerSettings(
        Router router,
        MessageLimits limits,
        boolean closeAfterResponse,
        LoopObserver observer,
        FailureLog failures,
        ThreadFactory threads,
        ServerCounters counters,
        @Nullable UnauthenticatedConnections unauthenticated) {}
