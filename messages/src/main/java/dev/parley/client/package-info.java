/**
 * The client's side: the calls that wait, those that are pending, and the ways to send one.
 *
 * <p>Read {@link dev.parley.client.ClientConnection} first: it is one connection, which finds each call again by its
 * id. {@link dev.parley.client.ReconnectingConnection} makes one after another. {@link dev.parley.Client} is built on
 * {@link dev.parley.client.CallDispatcher}; {@link dev.parley.client.PlainCall} is the tutorial's way, a connection for
 * each request. Not exported.
 */
@NullMarked
package dev.parley.client;

import org.jspecify.annotations.NullMarked;
