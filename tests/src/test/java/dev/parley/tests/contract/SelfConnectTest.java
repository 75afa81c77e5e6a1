package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.NetworkError;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.SocketOptions;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.OddTransport;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests TCP connections to themselves, which have no server. Such a connection is made if the system gives an attempt
 * the very port that it connects to. That is rare, so the channels here only say that it has happened.
 */
@Timeout(60)
class SelfConnectTest {
    private final Census census = new Census();
    private final AtomicInteger resets = new AtomicInteger();

    /** A transport whose channels have the name of the peer at both ends. */
    private final class Mirror extends OddTransport {
        private final String wildcard;

        Mirror(String name, String wildcard) {
            super(Usable.transport(name));
            this.wildcard = wildcard;
        }

        @Override
        protected Channel connect(Poller poller, SocketAddress endpoint, SocketOptions options, ChannelSink sink)
                throws IOException {
            Channel real = poller.connect(endpoint, options, sink);
            return (Channel) Proxy.newProxyInstance(
                    Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (self, method, arguments) -> {
                        boolean isName = method.getName().equals("localAddress");
                        if (method.getName().equals("peerAddress") && !wildcard.isEmpty()) {
                            return new InetSocketAddress(wildcard, ((InetSocketAddress) endpoint).getPort());
                        }
                        if (method.getName().equals("reset")) {
                            resets.incrementAndGet();
                        }
                        try {
                            return isName ? endpoint : method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nio, tcp://127.0.0.1:0, ''",
        "nio, tcp://[::1]:0, ''",
        "nio, tcp://127.0.0.1:0, 0.0.0.0",
        "io_uring, tcp://127.0.0.1:0, ''",
        "io_uring, tcp://[::1]:0, ''"
    })
    void isRefused(String name, String address, String wildcard) throws Exception {
        EventLoop server = census.watch(EventLoop.builder().observer(census).start());
        EventLoop clients = census.watch(EventLoop.builder()
                .transport(new Mirror(name, wildcard))
                .observer(census)
                .start());
        try (server;
                clients;
                Listener listener = Listener.open(server, Address.parse(address))) {
            assertThatThrownBy(() -> Connection.connect(clients, listener.address()))
                    .isInstanceOfSatisfying(ConnectFailedException.class, failed -> assertThat(failed.networkError())
                            .isEqualTo(NetworkError.REFUSED));
            var peer = new LoopPeer();
            clients.connect(listener.address(), peer);
            Await.until("it has failed", () -> resets.get() == 2);
            assertThatThrownBy(peer::awaitOpened).isInstanceOf(ConnectFailedException.class);
        }
        census.assertNothingLeft();
    }
}
