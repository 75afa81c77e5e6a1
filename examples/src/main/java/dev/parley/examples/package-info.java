/**
 * The three iterations as code: {@link dev.parley.examples.Echo}, {@link dev.parley.examples.Multi},
 * {@link dev.parley.examples.App}. Each is a server and a client in one file, and prints what the client got.
 */
@NullMarked
package dev.parley.examples;

import org.jspecify.annotations.NullMarked;
