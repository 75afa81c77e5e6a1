/**
 * Tools for tests of socket applications, ours and yours.
 *
 * <p>Read {@link dev.parley.testkit.Census} first: passed to the loops of a test as their observer, it checks
 * afterwards whether anything was left behind.
 */
@NullMarked
package dev.parley.testkit;

import org.jspecify.annotations.NullMarked;
