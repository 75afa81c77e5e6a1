/**
 * Tests of the packages that {@code parley package} makes, as their users get them, and of the completions of shells.
 */
@NullMarked
package dev.parley.tests.packages;

import org.jspecify.annotations.NullMarked;
