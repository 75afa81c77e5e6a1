package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.nio.NioTransport;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import dev.parley.net.transport.TransportProvider;
import dev.parley.net.transport.TransportRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests loops whose transport the system refuses: before the first loop, for a later one, or never. */
class FallBackTest {
    private static final String WHY = "too little memory may be locked: raise ulimit -l";

    private final List<EventLoop> started = new ArrayList<>();
    private final Told told = new Told();

    /** A transport that grants so many pollers and refuses the next, and counts those that are open. */
    private static final class Scarce implements Transport, TransportProvider {
        private final AtomicInteger left;
        private final AtomicInteger open = new AtomicInteger();
        private final Optional<String> unavailable;
        private final NioTransport nio = new NioTransport();

        Scarce(int left, Optional<String> unavailable) {
            this.left = new AtomicInteger(left);
            this.unavailable = unavailable;
        }

        @Override
        public String name() {
            return "scarce";
        }

        @Override
        public boolean isEnabled() {
            return true;
        }

        @Override
        public Optional<String> unavailable() {
            return unavailable;
        }

        @Override
        public Transport open() {
            return this;
        }

        @Override
        public boolean supports(SocketAddress endpoint) {
            return nio.supports(endpoint);
        }

        @Override
        public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
            return nio.bind(endpoint, options);
        }

        @Override
        public Poller openPoller() throws IOException {
            if (left.getAndDecrement() <= 0) {
                throw new TransportRefusedException(name(), WHY, null);
            }
            open.incrementAndGet();
            return new Counted(nio.openPoller(), open);
        }
    }

    private record Counted(Poller inner, AtomicInteger open) implements Poller {
        @Override
        public void register(ServerChannel channel, AcceptSink sink) throws IOException {
            inner.register(channel, sink);
        }

        @Override
        public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
            return inner.connect(endpoint, options, sink);
        }

        @Override
        public void poll(long timeoutNanos) throws IOException {
            inner.poll(timeoutNanos);
        }

        @Override
        public void wakeup() {
            inner.wakeup();
        }

        @Override
        public void close() throws IOException {
            open.decrementAndGet();
            inner.close();
        }
    }

    private static final class Told implements LoopObserver {
        private final List<String> lines = new ArrayList<>();

        @Override
        public synchronized void servesInstead(String message, boolean listening) {
            lines.add(listening + " " + message);
        }
    }

    @AfterEach
    void close() {
        started.forEach(EventLoop::close);
    }

    private List<EventLoop> start(Transport transport, int count) {
        List<EventLoop> loops =
                EventLoop.builder().transport(transport).observer(told).start(count);
        started.addAll(loops);
        return loops;
    }

    @Test
    void whereTheRingOfALaterLoopIsRefusedAllLoopsTakeTheNext() throws Exception {
        var scarce = new Scarce(3, Optional.empty());
        List<EventLoop> loops = start(Transports.prefer(List.of(scarce)), 4);
        assertThat(loops).extracting(loop -> loop.transport().name()).containsOnly("nio");
        assertThat(scarce.open).hasValue(0);
        LoopListener listener = loops.getFirst().listen("tcp://127.0.0.1:0", (connection, bytes) -> {});
        loops.getLast().listenWith(listener, connection -> (same, bytes) -> {});
        loops.getFirst().listen("tcp://127.0.0.1:0", (connection, bytes) -> {});
        assertThat(told.lines).containsExactly("true nio is used, because scarce cannot be used: " + WHY);
    }

    @Test
    void whatCannotBeUsedFromTheStartIsToldByTheFirstListen() throws Exception {
        EventLoop loop = start(Transports.prefer(List.of(new Scarce(0, Optional.of("it is old")))), 1)
                .getFirst();
        assertThat(told.lines).isEmpty();
        loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> {});
        assertThat(told.lines).containsExactly("true nio is used, because scarce cannot be used: it is old");
    }

    /** The observer throws while the second loop is built: no poller stays open, and the cap calls no loop later. */
    @Test
    void whatIsBuiltIsGivenBackIfALoopCannotBeBuilt() {
        var scarce = new Scarce(3, Optional.empty());
        var asked = new AtomicInteger();
        var cap = MemoryCap.of(10);
        EventLoop.Builder settings = EventLoop.builder()
                .transport(scarce)
                .memory(cap)
                .observer(new LoopObserver() {
                    @Override
                    public boolean seesTraffic() {
                        if (asked.incrementAndGet() == 2) {
                            throw new IllegalStateException("on purpose");
                        }
                        return false;
                    }
                });
        assertThatThrownBy(() -> settings.start(3)).hasMessage("on purpose");
        assertThat(scarce.open).hasValue(0);
        assertThatCode(() -> cap.add(1_000L)).doesNotThrowAnyException();
    }

    @Test
    void whatWasNamedFailsWithTheReason() {
        var scarce = new Scarce(1, Optional.empty());
        assertThatThrownBy(() -> start(scarce, 2))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(TransportRefusedException.class)
                .hasMessage("cannot start an event loop: scarce cannot be used: " + WHY);
        assertThat(scarce.open).hasValue(0);
        assertThat(told.lines).isEmpty();
    }
}
