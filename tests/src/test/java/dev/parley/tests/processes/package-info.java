/**
 * Tests of processes that start, drain, stop, are killed, and come back. Open {@link
 * dev.parley.tests.processes.ShutdownTest} first.
 */
@NullMarked
package dev.parley.tests.processes;

import org.jspecify.annotations.NullMarked;
