/**
 * What a person sees: how wide the terminal is, which characters and colours it takes, how many cells a text fills.
 *
 * <p>Open {@link dev.parley.cli.terminal.Terminal} first. Nothing here knows of sockets, or writes anywhere.
 */
@NullMarked
package dev.parley.cli.terminal;

import org.jspecify.annotations.NullMarked;
