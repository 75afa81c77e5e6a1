/**
 * Text for people: what comes from a peer made safe for a terminal or a log, durations, and the nearest of some names.
 * Exported to the layers above alone.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.text;

import org.jspecify.annotations.NullMarked;
