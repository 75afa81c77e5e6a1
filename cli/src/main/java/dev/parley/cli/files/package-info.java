/** Files that a command writes for its user. */
@NullMarked
package dev.parley.cli.files;

import org.jspecify.annotations.NullMarked;
