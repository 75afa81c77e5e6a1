/**
 * The command {@code parley tour}: it runs the three iterations of the tutorial, and draws them from the recorded
 * events.
 *
 * <p>Read {@link dev.parley.cli.tour.Tour} first. {@link dev.parley.cli.tour.Recording} records the events, and {@link
 * dev.parley.cli.tour.SequenceDiagram} draws them.
 */
@NullMarked
package dev.parley.cli.tour;

import org.jspecify.annotations.NullMarked;
