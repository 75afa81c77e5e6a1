package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.nio.NioTransport;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests an endpoint that is taken, like that of a process that was killed a moment ago. */
@Timeout(60)
class BindAgainTest {
    /** A transport that finds each endpoint taken so many times. */
    private static final class Taken implements Transport {
        private final NioTransport nio = new NioTransport();
        private final AtomicInteger left;
        private final AtomicInteger binds = new AtomicInteger();

        Taken(int times) {
            left = new AtomicInteger(times);
        }

        @Override
        public String name() {
            return "taken";
        }

        @Override
        public boolean supports(SocketAddress endpoint) {
            return nio.supports(endpoint);
        }

        @Override
        public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
            binds.incrementAndGet();
            if (left.getAndDecrement() > 0) {
                throw new BindException("Address already in use");
            }
            return nio.bind(endpoint, options);
        }

        @Override
        public Poller openPoller() throws IOException {
            return nio.openPoller();
        }
    }

    private static int freePort() throws IOException {
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    @Test
    void aPortThatNoProcessHoldsIsTriedAgain() throws Exception {
        var transport = new Taken(3);
        try (EventLoop loop = EventLoop.builder().transport(transport).start();
                LoopListener listener = loop.listen("tcp://127.0.0.1:" + freePort(), (_, _) -> {})) {
            assertThat(listener.addresses()).hasSize(1);
            assertThat(transport.binds).hasValue(4);
        }
    }

    @Test
    void soIsAPathThatNoProcessHolds(@TempDir Path directory) throws Exception {
        var transport = new Taken(3);
        try (EventLoop loop = EventLoop.builder().transport(transport).start();
                LoopListener _ = loop.listen(new Address.Unix(directory.resolve("s")), (_, _) -> {})) {
            assertThat(transport.binds).hasValue(4);
        }
    }

    @Test
    void notForEver() throws Exception {
        var transport = new Taken(Integer.MAX_VALUE);
        String address = "tcp://127.0.0.1:" + freePort();
        try (EventLoop loop = EventLoop.builder().transport(transport).start()) {
            assertThatThrownBy(() -> loop.listen(address, (_, _) -> {}))
                    .isInstanceOf(BindFailedException.class)
                    .hasMessageContaining("already in use");
            assertThat(transport.binds).hasValueBetween(2, 51);
        }
    }

    /** A process holds the port, so the error can name it at once. */
    @Test
    void aPortThatAProcessHoldsIsNotTriedAgain() throws Exception {
        var transport = new Taken(0);
        try (EventLoop loop = EventLoop.builder().transport(transport).start();
                var owner = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> loop.listen("tcp://127.0.0.1:" + owner.getLocalPort(), (_, _) -> {}))
                    .isInstanceOf(BindFailedException.class)
                    .hasMessageContaining("this process");
            assertThat(transport.binds).hasValue(1);
        }
    }

    /** A loop's thread does not wait. */
    @Test
    void onTheThreadOfALoopNothingIsTriedAgain() throws Exception {
        var transport = new Taken(Integer.MAX_VALUE);
        String address = "tcp://127.0.0.1:" + freePort();
        try (EventLoop loop = EventLoop.builder().transport(transport).start()) {
            var listening = new CompletableFuture<LoopListener>();
            loop.execute(() -> {
                try {
                    listening.complete(loop.listen(address, (_, _) -> {}));
                } catch (BindFailedException e) {
                    listening.completeExceptionally(e);
                }
            });
            assertThatThrownBy(listening::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(BindFailedException.class);
            assertThat(transport.binds).hasValue(1);
        }
    }
}
