/**
 * Text for people: what comes from a peer made safe for a terminal or a log, durations, and the nearest of some names.
 * For the layers above Parley's connections: not for users, and it may change.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.text;

import org.jspecify.annotations.NullMarked;
