/**
 * Tools for tests of socket applications, ours and yours.
 *
 * <p>Read {@link dev.parley.testkit.Census} first: it observes the loops of a test, and checks after the test that
 * nothing is left behind.
 */
@NullMarked
package dev.parley.testkit;

import org.jspecify.annotations.NullMarked;
