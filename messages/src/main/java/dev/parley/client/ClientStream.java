package dev.parley.client;

import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;

/**
 * An open stream of a client, as its user sees it.
 *
 * @param in what the server sends
 * @param out what we send
 * @param cancel notifies the server that no one wants the rest, unless the stream has ended; any thread
 */
public record ClientStream(StreamReceiver in, StreamSender out, Runnable cancel) {}
