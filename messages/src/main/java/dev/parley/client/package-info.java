/**
 * The client's side: the calls that wait, those that are pending, and the ways to send one.
 *
 * <p>Open {@link dev.parley.client.ClientConnection} first: one connection, which finds each call again by its id.
 * {@link dev.parley.client.ReconnectingConnection} makes one after another. {@link dev.parley.client.CallDispatcher} is
 * what {@link dev.parley.Client} stands on; {@link dev.parley.client.PlainCall} is the tutorial's way, a connection for
 * each request. Not exported.
 */
@NullMarked
package dev.parley.client;

import org.jspecify.annotations.NullMarked;
