package dev.parley.client;

import dev.parley.ClientState;
import dev.parley.MessageLimits;
import dev.parley.net.Address;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The settings that the connections of a client share.
 *
 * @param addresses where the server is, at least one; each connection begins with another one
 * @param connections how many there are at most, at least 1
 * @param limits of messages
 * @param waitForReady whether calls wait for a server that cannot be reached
 * @param retries whether calls that were not processed are sent again
 * @param random draws the times of reconnects and retries
 * @param watcher is notified of each state, on the loop's thread, or on any thread if the loop is closed
 */
public record ClientSettings(
        List<Address> addresses,
        int connections,
        MessageLimits limits,
        boolean waitForReady,
        boolean retries,
        RandomGenerator random,
        Consumer<ClientState> watcher) {}
