/**
 * {@code parley tour}: the three iterations, run for real and drawn from what happened.
 *
 * <p>Open {@link dev.parley.cli.tour.Tour} first. {@link dev.parley.cli.tour.Recording} listens,
 * {@link dev.parley.cli.tour.SequenceDiagram} draws.
 */
@NullMarked
package dev.parley.cli.tour;

import org.jspecify.annotations.NullMarked;
