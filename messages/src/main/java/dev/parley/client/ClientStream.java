package dev.parley.client;

import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;

/**
 * An open stream of a client, as its user sees it.
 *
 * @param in the direction in which the server sends
 * @param out the direction in which the client sends
 * @param cancel closes the stream; if the server has not ended it, notifies the server; any thread may call it
 */
public record ClientStream(StreamReceiver in, StreamSender out, Runnable cancel) {}
