package dev.parley.server;

import java.util.function.Consumer;

/**
 * A thread that is started at the end of a turn.
 *
 * @param thread runs the work
 * @param notStarted is called on the loop's thread with what kept the thread from being started
 */
record UnstartedThread(Thread thread, Consumer<Throwable> notStarted) {}
