/**
 * The names that a header may have: of actions, of content types and of character sets. The package is only exported to
 * the command line.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.names;

import org.jspecify.annotations.NullMarked;
