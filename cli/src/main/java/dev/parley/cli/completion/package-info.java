/**
 * The words that the Tab key inserts in a shell. {@link Completer} finds the words, and a script for each shell, a
 * resource next to it, shows them. Open Completer first.
 */
@NullMarked
package dev.parley.cli.completion;

import org.jspecify.annotations.NullMarked;
