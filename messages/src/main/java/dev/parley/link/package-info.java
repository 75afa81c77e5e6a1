/**
 * What server and client share on one connection. Open {@link dev.parley.link.MessageOutput} first: messages that are
 * ready together leave together. {@link dev.parley.link.Outflow} and {@link dev.parley.link.Inflow} are the two
 * directions of a stream, {@link dev.parley.link.StreamTurns} shares a connection among streams, and {@link
 * dev.parley.link.Heartbeat} finds out that a peer has vanished. Not exported.
 */
@NullMarked
package dev.parley.link;

import org.jspecify.annotations.NullMarked;
