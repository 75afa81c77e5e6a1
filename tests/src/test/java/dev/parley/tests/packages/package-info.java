/** The packages that {@code parley package} makes, as their users get them, and the completions of shells. */
@NullMarked
package dev.parley.tests.packages;

import org.jspecify.annotations.NullMarked;
