package dev.parley.server;

import java.util.function.Consumer;

/**
 * A thread that is started at the end of a turn.
 *
 * @param thread runs the work
 * @param notStarted told on the loop's thread why it could not be started
 */
record UnstartedThread(Thread thread, Consumer<Throwable> notStarted) {}
