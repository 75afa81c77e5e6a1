/**
 * Tests of the cost of many connections and requests: memory, allocations, processor time, threads. Open {@link
 * dev.parley.tests.load.AllocationTest} first.
 */
@NullMarked
package dev.parley.tests.load;

import org.jspecify.annotations.NullMarked;
