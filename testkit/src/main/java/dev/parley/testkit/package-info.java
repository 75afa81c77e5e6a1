/**
 * Tools for tests of socket applications, ours and yours.
 *
 * <p>Open {@link dev.parley.testkit.Census} first: given to the loops of a test as their events, it tells afterwards
 * whether anything was left behind.
 */
@NullMarked
package dev.parley.testkit;

import org.jspecify.annotations.NullMarked;
