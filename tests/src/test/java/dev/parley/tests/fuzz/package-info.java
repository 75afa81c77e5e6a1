/**
 * Fuzz targets: properties that must hold for any bytes that a parser, or a whole server, is given.
 *
 * <p>Open {@link dev.parley.tests.fuzz.Target} first, then {@link dev.parley.tests.fuzz.AddressTarget}, which is the
 * shortest. {@code FuzzTest} runs them on their seeds, {@code bench/fuzz.sh} under a coverage-guided engine.
 */
@NullMarked
package dev.parley.tests.fuzz;

import org.jspecify.annotations.NullMarked;
