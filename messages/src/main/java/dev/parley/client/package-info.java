/**
 * The client's side: which connection a call is sent on, how its response is found, and when it is sent again.
 *
 * <p>Read {@link dev.parley.client.ClientConnection} first. It is one connection, and finds the call of each response
 * by its id. {@link dev.parley.client.ReconnectingConnection} makes one after another. {@link dev.parley.Client} is
 * built on {@link dev.parley.client.CallDispatcher}; {@link dev.parley.client.PlainCall} is a call in the tutorial's
 * way, with a connection for each request. The package is not exported.
 */
@NullMarked
package dev.parley.client;

import org.jspecify.annotations.NullMarked;
