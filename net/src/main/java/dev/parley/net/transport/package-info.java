/**
 * The seam under the event loop: how bytes move for an address, and nothing else.
 *
 * <p>Open {@link dev.parley.net.transport.Transport} first. A transport opens one {@link
 * dev.parley.net.transport.Poller} for each loop; the poller makes {@link dev.parley.net.transport.Channel}s and tells
 * their {@link dev.parley.net.transport.ChannelSink}s what happened. Limits, timers, queues and states belong to the
 * layer above and exist once for all transports. Who writes a transport has its contract in {@code TransportContract},
 * among the tests.
 */
@NullMarked
package dev.parley.net.transport;

import org.jspecify.annotations.NullMarked;
