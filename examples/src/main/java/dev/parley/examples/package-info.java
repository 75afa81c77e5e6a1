/**
 * Examples. Three of them are the three iterations of the socket tutorial: {@link dev.parley.examples.Echo}, {@link
 * dev.parley.examples.Multi} and {@link dev.parley.examples.App}. Each is a server and a client in one file, and prints
 * what the client received.
 *
 * <p>The others are recipes, and {@code docs/recipes} has a page for each of them: {@link dev.parley.examples.Rpc},
 * {@link dev.parley.examples.LineProtocol}, {@link dev.parley.examples.BinaryProtocol}, {@link
 * dev.parley.examples.FileDrop}, {@link dev.parley.examples.PythonIpc} and {@link dev.parley.examples.Chat}.
 */
@NullMarked
package dev.parley.examples;

import org.jspecify.annotations.NullMarked;
