/** The manual pages for man(1), made from the same descriptions as {@code --help}. */
@NullMarked
package dev.parley.cli.manual;

import org.jspecify.annotations.NullMarked;
