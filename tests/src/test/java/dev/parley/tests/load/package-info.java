/**
 * What many connections and requests cost: memory, allocations, processor time, threads. Open
 * {@link dev.parley.tests.load.AllocationTest} first.
 */
@NullMarked
package dev.parley.tests.load;

import org.jspecify.annotations.NullMarked;
