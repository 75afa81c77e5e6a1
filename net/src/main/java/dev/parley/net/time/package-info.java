/**
 * The time of a loop: the ticker that it reads, and the timers that it runs.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.time;

import org.jspecify.annotations.NullMarked;
