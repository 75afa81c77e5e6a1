/**
 * The layer below the event loop: it only moves the bytes for an address.
 *
 * <p>Read {@link dev.parley.net.transport.Transport} first. A transport opens one {@link
 * dev.parley.net.transport.Poller} for each loop. The poller creates {@link dev.parley.net.transport.Channel}s, and
 * notifies their {@link dev.parley.net.transport.ChannelSink}s of what happens. Limits, timers, queues and states
 * belong to the layer above, and are the same for all transports. If you write a transport, test it with {@code
 * TransportContract}, which is among the tests.
 */
@NullMarked
package dev.parley.net.transport;

import org.jspecify.annotations.NullMarked;
