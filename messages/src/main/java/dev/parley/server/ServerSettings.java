package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.net.LoopObserver;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of a server share.
 *
 * @param failures where what handlers threw is told
 * @param unauthenticated who has shown no credentials yet; null where none are asked for
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
