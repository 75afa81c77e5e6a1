package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.net.Events;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of a server share.
 *
 * @param failures where what handlers threw is told
 * @param strangers who has shown no credentials yet; null where none are asked for
 */
public record ServerSettings(
        Router router,
        MessageLimits limits,
        boolean closeAfterResponse,
        Events events,
        FailureLog failures,
        ThreadFactory threads,
        Counters counters,
        @Nullable Strangers strangers) {}
