package dev.parley.server;

import java.util.function.Consumer;

/**
 * A thread that will be started at the end of a turn.
 *
 * @param thread the thread, which has its work already
 * @param notStarted called on the loop's thread, with the exception, if the thread could not be started
 */
record UnstartedThread(Thread thread, Consumer<Throwable> notStarted) {}
