/**
 * The names that a header may have: of actions, of content types and of character sets. Not exported.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.names;

import org.jspecify.annotations.NullMarked;
