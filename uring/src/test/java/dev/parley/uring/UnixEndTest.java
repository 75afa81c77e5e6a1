package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a Unix peer's end is reported, whatever comes before it and whenever it comes. */
@Timeout(300)
class UnixEndTest {
    private static final int CONNECTIONS = 600;

    /** Linux counts the wake-ups of a receive up to 128, and a Unix socket takes some 270 sends that are not read. */
    private static final int PIECES_BEFORE = 180;

    private static final int PIECES_AFTER_MAX = 60;
    private static final long PATIENCE_NANOS = 500_000_000L;
    private static final int QUIET_TURNS = 4;

    /**
     * A receiver comes late, and so many wake-ups wait for its receive that Linux stops counting them. It then forgets
     * the one of an end that comes while the receive takes what was sent before: about one of five.
     */
    @Test
    void theEndIsToldToAReceiverThatComesLate() throws Exception {
        Probe.Found found = Probe.look(Set.of());
        assumeTrue(found.isEnough(), () -> "io_uring cannot be used here: " + found.reason());
        var transport = new UringTransport(found.features());
        long seed = new Random().nextLong();
        var random = new Random(seed);
        Path directory = Files.createTempDirectory("parley");
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (Poller poller = transport.openPoller()) {
            var server = transport.bind(address, SocketOptions.DEFAULT);
            var receiver = new Receiver(poller);
            poller.register(server, receiver);
            server.wantAccept(true);
            for (int i = 0; i < CONNECTIONS; i++) {
                int pieces = PIECES_BEFORE + random.nextInt(PIECES_AFTER_MAX);
                receiver.receiveLate(address, pieces);
                assertThat(receiver.bytes).as("seed %d, connection %d", seed, i).isEqualTo(pieces);
                assertThat(receiver.ended)
                        .as("the end is told: seed %d, connection %d", seed, i)
                        .isTrue();
            }
            server.close();
        } finally {
            Files.deleteIfExists(address.getPath());
            Files.delete(directory);
        }
    }

    /** The one loop's side; its thread is that of the test. */
    private static final class Receiver implements AcceptSink, ChannelSink {
        private final Poller poller;
        private @Nullable Channel channel;
        private int bytes;
        private boolean ended;

        Receiver(Poller poller) {
            this.poller = poller;
        }

        void receiveLate(UnixDomainSocketAddress address, int pieces) throws Exception {
            channel = null;
            bytes = 0;
            ended = false;
            try (var client = SocketChannel.open(address)) {
                Channel accepted = accept();
                var sent = new AtomicInteger();
                Thread sender = Thread.ofPlatform().start(() -> send(client, pieces, sent));
                while (sent.get() < PIECES_BEFORE && sender.isAlive()) {
                    Thread.onSpinWait();
                }
                while (sender.isAlive()) {
                    poller.poll(0);
                }
                for (int quiet = 0; !ended && quiet < QUIET_TURNS; quiet++) {
                    poller.poll(PATIENCE_NANOS);
                }
                accepted.close();
                poller.poll(0);
            }
        }

        /** Returns with the receive under way. */
        private Channel accept() throws IOException {
            Channel accepted = channel;
            while (accepted == null) {
                poller.poll(PATIENCE_NANOS);
                accepted = channel;
            }
            poller.poll(0);
            return accepted;
        }

        private static void send(SocketChannel client, int pieces, AtomicInteger sent) {
            var piece = ByteBuffer.allocate(1);
            try {
                for (int i = 1; i <= pieces; i++) {
                    client.write(piece.clear());
                    sent.set(i);
                }
                client.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            acceptedSocket.join(poller, this);
        }

        @Override
        public ChannelSink accepted(Channel accepted) {
            channel = accepted;
            accepted.wantRead(true);
            return this;
        }

        @Override
        public void acceptFailed(IOException cause) {
            throw new UncheckedIOException(cause);
        }

        @Override
        public void connected() {}

        @Override
        public void received(ByteBuffer received) {
            bytes += received.remaining();
        }

        @Override
        public void ended() {
            ended = true;
        }

        @Override
        public void writable() {}

        @Override
        public void failed(IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }
}
