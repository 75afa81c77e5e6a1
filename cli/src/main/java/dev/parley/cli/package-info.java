/**
 * The {@code parley} command, a thin layer over the library. Each command reads its arguments, builds library objects,
 * runs them, and returns a named exit status.
 *
 * <p>Read {@link dev.parley.cli.Parley} first. Each command has a file of its own, and {@code CommandTree} lists them.
 */
@NullMarked
package dev.parley.cli;

import org.jspecify.annotations.NullMarked;
