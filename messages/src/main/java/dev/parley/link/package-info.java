/**
 * The parts of one connection that server and client share. Read {@link dev.parley.link.MessageOutput} first; it
 * collects messages that are ready at the same time, and sends them together. {@link dev.parley.link.StreamSender} and
 * {@link dev.parley.link.StreamReceiver} are the two directions of a stream, {@link dev.parley.link.StreamScheduler}
 * lets the streams of a connection take turns, and {@link dev.parley.link.Heartbeat} detects that a peer has vanished.
 * The package is not exported.
 */
@NullMarked
package dev.parley.link;

import org.jspecify.annotations.NullMarked;
