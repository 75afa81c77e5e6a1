package dev.parley;

import dev.parley.client.PlainCall;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * A client of messages. So far the plain one: it speaks just what the tutorial's programs do, each request on a
 * connection of its own. Any thread may use it.
 */
public final class Client implements AutoCloseable {
    /** How long a call waits for its answer where nothing else is said. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final boolean ownsLoop;
    private final Address address;

    private Client(EventLoop loop, boolean ownsLoop, Address address) {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.address = address;
    }

    /** A client of the server at this address; see {@link #plain(Address)}. */
    public static Client plain(String address) {
        return plain(Address.parse(address));
    }

    /** A client that speaks as the tutorial's does. It connects with each call, so nothing is tried yet. */
    public static Client plain(Address address) {
        return plain(EventLoop.builder(), address);
    }

    /** The same, on a loop of its own with these settings. */
    public static Client plain(EventLoop.Builder settings, Address address) {
        if (address instanceof Address.Mem) {
            settings.transport(MemNetwork.shared());
        }
        return new Client(settings.daemon(true).start(), true, address);
    }

    /** The same, on a loop of the caller's, which stays open after {@link #close}. */
    public static Client plain(EventLoop loop, Address address) {
        return new Client(loop, false, address);
    }

    /** Sends a request and waits for its response, for {@link #DEFAULT_TIMEOUT} at most. */
    public Message call(Message request) throws IOException {
        return call(request, DEFAULT_TIMEOUT);
    }

    /**
     * Sends a request and waits for its response.
     *
     * @param timeout above zero
     * @throws CallException when there is none in time, or the connection is lost
     * @throws dev.parley.net.ConnectFailedException when the server cannot be reached
     */
    public Message call(Message request, Duration timeout) throws IOException {
        CompletableFuture<Message> response = PlainCall.start(loop, address, request, timeout);
        try {
            return response.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + address);
        }
    }

    /** Sends a request; the stage ends as {@link #call} would, on the client's loop, so it must not block. */
    public CompletionStage<Message> callAsync(Message request, Duration timeout) {
        return PlainCall.start(loop, address, request, timeout);
    }

    /** Where the loop is the client's own, ends the calls under way and its thread. Twice is harmless. */
    @Override
    public void close() {
        if (ownsLoop) {
            loop.close();
        }
    }
}
