/**
 * The three iterations as code: {@link dev.parley.examples.Echo}, {@link dev.parley.examples.Multi},
 * {@link dev.parley.examples.App}. Each is a server and a client in one file, and prints what the client got.
 *
 * <p>And the recipes, for which {@code docs/recipes} has a page each: {@link dev.parley.examples.Rpc},
 * {@link dev.parley.examples.LineProtocol}, {@link dev.parley.examples.BinaryProtocol},
 * {@link dev.parley.examples.FileDrop}, {@link dev.parley.examples.PythonIpc}, {@link dev.parley.examples.Chat}.
 */
@NullMarked
package dev.parley.examples;

import org.jspecify.annotations.NullMarked;
