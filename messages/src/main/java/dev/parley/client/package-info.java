/**
 * The client's side of a connection: the calls that wait, those that are pending, and the two ways to send one.
 *
 * <p>Open {@link dev.parley.client.ClientConnection} first: it finds each call again by its id. {@link
 * dev.parley.client.CallCore} is what {@link dev.parley.Client} stands on; {@link dev.parley.client.PlainCall} is the
 * tutorial's way, a connection for each request. Not exported.
 */
@NullMarked
package dev.parley.client;

import org.jspecify.annotations.NullMarked;
