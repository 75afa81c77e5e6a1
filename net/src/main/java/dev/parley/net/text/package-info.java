/**
 * Text for people: makes a peer's text safe for a terminal or a log, writes durations, and finds the nearest of several
 * names. This package is meant for the layers above Parley's connections, not for users, and may change.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.text;

import org.jspecify.annotations.NullMarked;
