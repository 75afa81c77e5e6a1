package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.net.Events;
import java.util.concurrent.ThreadFactory;

/** What all sessions of a server share. */
public record ServerSettings(
        Router router,
        MessageLimits limits,
        boolean closeAfterResponse,
        Events events,
        ThreadFactory threads,
        Counters counters) {}
