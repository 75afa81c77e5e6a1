package dev.parley.testkit;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection through the proxy: its connection to the proxy, the proxy's connection to the server, and a
 * pipe for each direction. Used only on the loop's thread.
 */
final class ProxyLink {
    /**
     * The faults that the proxy applies to a link.
     *
     * @param random the source of this link's random numbers, which do not depend on other connections
     */
    record Faults(
            Toxics towardsClient,
            Toxics towardsServer,
            List<MessageFault> onRequests,
            List<MessageFault> onResponses,
            RandomGenerator random,
            int bufferBytes) {}

    private final Consumer<ProxyLink> whenOver;
    private final ProxyPipe towardsServer;
    private final ProxyPipe towardsClient;
    private final End client;
    private final End server;

    ProxyLink(LoopConnection accepted, Address to, Faults faults, Consumer<ProxyLink> whenOver) {
        this.whenOver = whenOver;
        EventLoop loop = accepted.loop();
        var exchanges = new Exchanges();
        towardsServer = new ProxyPipe(this, loop, true, exchanges, faults);
        towardsClient = new ProxyPipe(this, loop, false, exchanges, faults);
        client = new End(towardsClient, towardsServer);
        server = new End(towardsServer, towardsClient);
        client.stands(accepted);
        accepted.receiver(client);
        server.is(loop.connect(to, server));
    }

    /** Passes on the bytes that may be passed on now. Called after a change of the faults. */
    void pump() {
        towardsServer.pump();
        towardsClient.pump();
    }

    void endTowardsServer() {
        towardsServer.end();
    }

    void endTowardsClient() {
        towardsClient.end();
    }

    /**
     * Resets the connections a little later, when the last bytes were sent. With io_uring, they are only sent at the
     * end of the turn, and a reset before that would discard them.
     */
    void resetWhenSent() {
        EventLoop loop = client.connection().loop();
        var _ = loop.tryExecute(() -> {
            var _ = loop.tryExecute(this::reset);
        });
    }

    void reset() {
        client.connection().reset();
        server.connection().reset();
    }

    /** Closes both connections in such a way that the last bytes reach both peers, even if the peers still send. */
    void close() {
        towardsServer.discard();
        towardsClient.discard();
        client.connection().close(CloseReason.LOCAL);
        server.connection().close(CloseReason.LOCAL);
    }

    /**
     * Closes both connections if no more bytes can pass in either direction, and an end or a reset that was lost in a
     * black hole leaves one of them open. Called after each event that may be the last one.
     */
    void closeIfNothingCanPass() {
        if (client.mayClose() && server.mayClose()) {
            close();
        }
    }

    /** One of the two connections. */
    private final class End implements Receiver {
        private final ProxyPipe in;
        private final ProxyPipe out;
        private @Nullable LoopConnection connection;
        private boolean ended;
        private boolean over;

        End(ProxyPipe in, ProxyPipe out) {
            this.in = in;
            this.out = out;
        }

        void is(LoopConnection mine) {
            connection = mine;
            out.from(mine);
        }

        void stands(LoopConnection mine) {
            is(mine);
            in.to(mine);
        }

        LoopConnection connection() {
            return Objects.requireNonNull(connection);
        }

        private End other() {
            return this == client ? server : client;
        }

        @Override
        public void opened(LoopConnection opened) {
            in.to(opened);
        }

        @Override
        public void bytes(LoopConnection from, ByteBuffer bytes) {
            out.receive(bytes);
        }

        @Override
        public void ended(LoopConnection same) {
            ended = true;
            out.end();
            closeIfNothingCanPass();
        }

        /**
         * Returns true if the connection is closed, or if nothing that its peer sent or gets is still on its way. If
         * its peer has ended, and the end is passed on, the other connection may close by itself.
         */
        boolean mayClose() {
            return over || ended && in.vanishes() && (out.vanishes() || other().over);
        }

        @Override
        public void writable(LoopConnection drained) {
            in.writable();
        }

        @Override
        public void closed(LoopConnection closed, CloseReason reason) {
            over = true;
            in.discard();
            switch (reason) {
                case DRAIN -> out.discard(); // the proxy itself is being closed
                case PEER, LOCAL -> out.end();
                default -> out.broke();
            }
            if (other().over) {
                whenOver.accept(ProxyLink.this);
            } else {
                closeIfNothingCanPass();
            }
        }
    }
}
