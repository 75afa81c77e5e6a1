package dev.parley.client;

import dev.parley.CallFilter;
import dev.parley.ClientState;
import dev.parley.MessageLimits;
import dev.parley.net.Address;
import dev.parley.net.tls.Tls;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The settings that the connections of a client share.
 *
 * @param addresses the addresses of the server, at least one; each connection begins with a different address
 * @param connections the number of connections, at least 1
 * @param limits the limits on messages
 * @param waitForReady whether calls wait for a server that cannot be reached
 * @param retries whether calls that were not processed are sent again
 * @param random the source of the random times before reconnects and retries
 * @param watcher called with each change of the client's state, on the loop's thread, or on any thread if the loop is
 *     closed
 * @param filters the filters around every call; the first is the outermost
 * @param tls the settings of TLS; null for those of the loop
 */
public record ClientSettings(
        List<Address> addresses,
        int connections,
        MessageLimits limits,
        boolean waitForReady,
        boolean retries,
        RandomGenerator random,
        Consumer<ClientState.Change> watcher,
        List<CallFilter> filters,
        @Nullable Tls tls) {}
