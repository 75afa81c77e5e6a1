package dev.parley;

import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Events;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.server.ServerSession;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/** A server of messages: listens, and answers each request with its handler. */
public final class Server implements AutoCloseable {
    private final EventLoop loop;
    private final boolean ownsLoop;
    private final LoopListener listener;

    private Server(EventLoop loop, boolean ownsLoop, LoopListener listener) {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.listener = listener;
    }

    /** Settings for a server that answers with this handler. */
    public static Builder builder(Handler handler) {
        return new Builder(handler);
    }

    /** The address as it was asked for, with the real port where port 0 was asked. */
    public Address address() {
        return listener.address();
    }

    /** Each address that is bound, as an IP address with its real port. */
    public List<Address> addresses() {
        return listener.addresses();
    }

    /** How many connections are open. */
    public int openConnections() {
        return listener.openConnections();
    }

    /** Waits until the server is closed. */
    public void join() throws InterruptedException {
        loop.join();
    }

    /** Stops listening and, where the loop is the server's own, closes every connection. Twice is harmless. */
    @Override
    public void close() {
        listener.close();
        if (ownsLoop) {
            loop.close();
        }
    }

    /** Collects the settings of a server; not for several threads. */
    public static final class Builder {
        private final Handler handler;
        private MessageLimits limits = MessageLimits.DEFAULT;
        private boolean closeAfterResponse;
        private Events events = Events.logging();
        private EventLoop.Builder loopSettings = EventLoop.builder();

        private Builder(Handler handler) {
            this.handler = Objects.requireNonNull(handler);
        }

        /** Bounds of messages; by default {@link MessageLimits#DEFAULT}. */
        public Builder limits(MessageLimits value) {
            limits = value;
            return this;
        }

        /** Whether to close each connection after its first response, as the tutorial's server does; by default not. */
        public Builder closeAfterResponse(boolean value) {
            closeAfterResponse = value;
            return this;
        }

        /** Settings of the server's own loop. */
        public Builder loop(EventLoop.Builder value) {
            loopSettings = value;
            return this;
        }

        /** Who is told what happens; by default {@link Events#logging()}. */
        public Builder events(Events value) {
            events = value;
            return this;
        }

        /** Listens on an address; see {@link #listen(Address)}. */
        public Server listen(String address) throws BindFailedException {
            return listen(Address.parse(address));
        }

        /**
         * Starts a loop and listens; returns at once.
         *
         * @throws BindFailedException when the address cannot be bound
         */
        public Server listen(Address address) throws BindFailedException {
            if (address instanceof Address.Mem) {
                loopSettings.transport(MemNetwork.shared());
            }
            EventLoop loop = loopSettings.events(events).start();
            try {
                return new Server(loop, true, listenOn(loop, address));
            } catch (BindFailedException | RuntimeException e) {
                loop.close();
                throw e;
            }
        }

        /** Listens on a loop of the caller's, which stays open after {@link #close}. */
        public Server listen(EventLoop loop, Address address) throws BindFailedException {
            return new Server(loop, false, listenOn(loop, address));
        }

        private LoopListener listenOn(EventLoop loop, Address address) throws BindFailedException {
            return loop.listen(address, new SessionEach(handler, limits, closeAfterResponse, events));
        }
    }

    /** Gives each connection a session of its own. */
    private record SessionEach(Handler handler, MessageLimits limits, boolean closeAfterResponse, Events events)
            implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.receiver(new ServerSession(handler, limits, closeAfterResponse, events));
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            connection.close(CloseReason.FAILED);
        }
    }
}
