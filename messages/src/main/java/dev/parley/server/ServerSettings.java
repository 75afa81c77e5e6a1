package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.net.LoopObserver;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all sessions of a server share.
 *
 * @param failures the log of what handlers threw
 * @param unauthenticated the connections whose clients have shown no credentials yet; null if none are asked for
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
