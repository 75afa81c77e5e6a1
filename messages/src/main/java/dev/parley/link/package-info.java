/**
 * What server and client share on one connection. Open {@link dev.parley.link.MessageOutput} first: messages that are
 * ready together leave together. {@link dev.parley.link.StreamSender} and {@link dev.parley.link.StreamReceiver} are
 * the two directions of a stream, {@link dev.parley.link.StreamScheduler} shares a connection among streams, and {@link
 * dev.parley.link.Heartbeat} finds out that a peer has vanished. Not exported.
 */
@NullMarked
package dev.parley.link;

import org.jspecify.annotations.NullMarked;
