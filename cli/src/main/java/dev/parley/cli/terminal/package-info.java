/**
 * The terminal, as a person sees it: how wide it is, which characters and colours it supports, and how many cells a
 * text fills.
 *
 * <p>Read {@link dev.parley.cli.terminal.Terminal} first. This package knows no sockets, and does not write output.
 */
@NullMarked
package dev.parley.cli.terminal;

import org.jspecify.annotations.NullMarked;
