/**
 * The view of a person: how wide the terminal is, which characters and colours it supports, how many cells a text
 * fills.
 *
 * <p>Read {@link dev.parley.cli.terminal.Terminal} first. This package neither knows sockets nor writes output.
 */
@NullMarked
package dev.parley.cli.terminal;

import org.jspecify.annotations.NullMarked;
