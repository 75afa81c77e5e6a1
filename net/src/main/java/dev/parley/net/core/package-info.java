/**
 * The core of an event loop: its thread, its turns, the tasks and timers that run on it, its clocks, and the watch over
 * code that holds it. It knows neither connections nor listeners, and is not exported.
 */
@NullMarked
package dev.parley.net.core;

import org.jspecify.annotations.NullMarked;
