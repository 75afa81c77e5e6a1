/**
 * The memory that the connections of a loop share for contents that arrive. The package is not exported.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.memory;

import org.jspecify.annotations.NullMarked;
