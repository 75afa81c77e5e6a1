/**
 * Messages, each with a header and content, from a client to a server and back.
 *
 * <p>Ten types to start with:
 *
 * <ol>
 *   <li>{@link dev.parley.Action}: the name of what a client can ask for, with the types of question and answer.
 *   <li>{@link dev.parley.Server}: listens, and calls your handlers; {@link dev.parley.ServerBuilder} has its settings.
 *   <li>{@link dev.parley.Client}: makes calls, and reconnects by itself.
 *   <li>{@link dev.parley.CallOptions}: a call's time limit, headers and idempotency key.
 *   <li>{@link dev.parley.Exchange}: what a handler knows of its request: the client, the time left, the cancel.
 *   <li>{@link dev.parley.CallException}: why a call failed, and whether the request may have been handled.
 *   <li>{@link dev.parley.Message}: any content with a header, if a record is not what you want.
 *   <li>{@link dev.parley.InStream}: a stream of values that come; {@link dev.parley.OutStream} is one that goes.
 *   <li>{@link dev.parley.Topic}: sends each published value to all who subscribe.
 *   <li>{@link dev.parley.Codec}: generic types, no content, a mapper of your own, and formats other than JSON.
 * </ol>
 *
 * <p>The package {@link dev.parley.frame} reads and writes messages as bytes. The protocol is specified in
 * docs/protocol.md. For a protocol of your own, see the package {@code dev.parley.net}.
 *
 * <p>These rules hold everywhere. A method accepts or returns null only if its declaration says {@code @Nullable}.
 * Sizes are in bytes. Numbers and durations that are out of range cause an {@link IllegalArgumentException} where they
 * are passed, and its message names the range. Calls throw {@link java.io.IOException}; a {@link
 * dev.parley.CallException} says whether the request may have been handled.
 *
 * <p>Some words have one meaning everywhere. An <em>exchange</em> is one request with its response, or one stream. A
 * <em>full</em> peer speaks our protocol with all its keys; a <em>plain</em> peer speaks the tutorial's messages alone:
 * one request on each connection, without ids and streams. <em>Credit</em> is the number of bytes that the reader of a
 * stream lets its sender send. A message that is <em>lent</em> is valid only until the handler returns, since its
 * memory is used again. To <em>drain</em> is to finish what is under way, to take nothing new, and then to close.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley;

import org.jspecify.annotations.NullMarked;
