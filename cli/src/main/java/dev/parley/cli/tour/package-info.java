/**
 * The command {@code parley tour}: the three iterations, really run, and drawn from the recorded events.
 *
 * <p>Read {@link dev.parley.cli.tour.Tour} first. {@link dev.parley.cli.tour.Recording} observes, {@link
 * dev.parley.cli.tour.SequenceDiagram} draws.
 */
@NullMarked
package dev.parley.cli.tour;

import org.jspecify.annotations.NullMarked;
