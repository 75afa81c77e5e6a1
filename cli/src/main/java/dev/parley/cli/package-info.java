/**
 * The {@code parley} command: a thin shell over the library. Each command reads its arguments, builds library objects,
 * runs them, and returns a named exit status.
 *
 * <p>Read {@link dev.parley.cli.Parley} first, which lists the commands, one file each.
 */
@NullMarked
package dev.parley.cli;

import org.jspecify.annotations.NullMarked;
