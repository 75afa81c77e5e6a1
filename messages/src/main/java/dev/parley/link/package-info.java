/**
 * The parts of one connection that server and client share. Read {@link dev.parley.link.MessageOutput} first, which
 * sends messages together that are ready together. {@link dev.parley.link.StreamSender} and {@link
 * dev.parley.link.StreamReceiver} are the two directions of a stream, {@link dev.parley.link.StreamScheduler} shares a
 * connection among streams, and {@link dev.parley.link.Heartbeat} detects that a peer has vanished. Not exported.
 */
@NullMarked
package dev.parley.link;

import org.jspecify.annotations.NullMarked;
