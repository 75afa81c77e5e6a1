package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.OddTransport;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests channels that fail at any moment, and receivers that throw then: only their own connection ends, as FAILED. */
@Timeout(60)
class FaultyChannelTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final MemNetwork network = new MemNetwork();
    private final BlockingQueue<Accepting> accepting = new LinkedBlockingQueue<>();
    private volatile boolean takesNothing;

    /** Returns a client's channel whose system never reports that it takes bytes again. */
    private Channel silent(Channel real) {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (_, method, given) -> {
                    if (takesNothing && method.getName().equals("write")) {
                        return method.getReturnType() == int.class ? (Object) 0 : (Object) 0L;
                    }
                    if (method.getName().equals("wantWrite")) {
                        return null;
                    }
                    try {
                        return method.invoke(real, given);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** The check for a peer that takes no bytes finds that this peer takes some, and so calls the receiver. */
    @Test
    void whatWritableThrowsInTheCheckOfASlowPeerEndsTheConnection() throws Exception {
        LoopListener listener =
                bed.newLoop(EventLoop.builder().transport(network)).listen("mem:", (_, _) -> {});
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(new OddTransport(network) {
            @Override
            protected Channel connect(Poller poller, SocketAddress endpoint, SocketOptions options, ChannelSink sink)
                    throws IOException {
                return silent(super.connect(poller, endpoint, options, sink));
            }
        }));
        var closed = new LinkedBlockingQueue<CloseReason>();
        var queued = new LinkedBlockingQueue<Boolean>();
        takesNothing = true;
        loop.connect(listener.address(), new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                connection.send(new byte[100]);
                connection.notifyWhenWritable();
                queued.add(connection.queuedBytes() == 100);
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void writable(LoopConnection connection) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                closed.add(reason);
            }
        });
        assertThat(queued.poll(20, TimeUnit.SECONDS)).isTrue();
        var waits = new CountDownLatch(1);
        loop.execute(waits::countDown); // the flush after opened() is over
        waits.await();
        takesNothing = false;
        bed.ticker().advance(loop.limits().writeTimeout().dividedBy(2));
        assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo(CloseReason.FAILED);
        assertThat(bed.census().takeFailures()).hasSize(1);
    }

    /** If, for example, the heap is full, the connection is closed, and takes no place any more. */
    @Test
    void aConnectionWhoseChannelCannotBeTakenIsClosed() throws Exception {
        EventLoop loop = loopWithSinksOfItsOwn();
        network.limitAccepted(1);
        LoopListener listener = loop.listen("mem:", (_, _) -> {});
        Accepting own = accepting.poll(20, TimeUnit.SECONDS);
        assertThat(own).isNotNull();
        own.throwsNow = true;
        EventLoop clients = bed.newLoop(EventLoop.builder().transport(network));
        var first = new LoopPeer();
        clients.connect(listener.address(), first);
        Await.until("it is closed", () -> first.ends.get() > 0);
        own.throwsNow = false;
        clients.connect(listener.address(), new LoopPeer());
        Await.until("the next one is accepted", () -> listener.openConnections() == 1);
    }

    /** Returns a loop each of whose listeners has a sink in {@link #accepting} in between. */
    private EventLoop loopWithSinksOfItsOwn() throws IOException {
        return bed.newLoop(EventLoop.builder().transport(new OddTransport(network) {
            @Override
            protected void register(Poller poller, ServerChannel channel, AcceptSink sink) throws IOException {
                var own = new Accepting(sink);
                accepting.add(own);
                super.register(poller, channel, own);
            }
        }));
    }

    /** Passes all on, and keeps the sink of the connection that was accepted last. */
    private static final class Accepting implements AcceptSink {
        private final AcceptSink real;
        volatile @Nullable ChannelSink last;
        volatile boolean throwsNow;

        Accepting(AcceptSink real) {
            this.real = real;
        }

        @Override
        public void acceptedSocket(AcceptedSocket acceptedSocket) {
            real.acceptedSocket(acceptedSocket);
        }

        @Override
        public ChannelSink accepted(Channel channel) {
            if (throwsNow) {
                throw new OutOfMemoryError("on purpose");
            }
            ChannelSink sink = real.accepted(channel);
            last = sink;
            return sink;
        }

        @Override
        public void acceptFailed(IOException cause) {
            real.acceptFailed(cause);
        }
    }

    @Test
    void whatHeldBytesThrowsWhenAChannelHoldsMoreEndsTheConnection() throws Exception {
        EventLoop loop = loopWithSinksOfItsOwn();
        var throwing = new Throwing();
        LoopListener listener = loop.listen("mem:", throwing);
        bed.newLoop(EventLoop.builder().transport(network)).connect(listener.address(), (_, _) -> {});
        Accepting own = accepting.poll(20, TimeUnit.SECONDS);
        assertThat(own).isNotNull();
        Await.until("it is accepted", () -> own.last != null);
        throwing.throwsNow = true;
        loop.execute(() -> {
            ChannelSink sink = own.last;
            if (sink != null) {
                sink.heldBytesChanged();
            }
        });
        assertThat(throwing.closed.poll(20, TimeUnit.SECONDS)).isEqualTo(CloseReason.FAILED);
        assertThat(bed.census().takeFailures()).hasSize(1);
    }

    private static final class Throwing implements Receiver {
        final LinkedBlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();
        volatile boolean throwsNow;

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {}

        @Override
        public long heldBytes(LoopConnection connection) {
            if (throwsNow) {
                throwsNow = false;
                throw new IllegalStateException("on purpose");
            }
            return 0;
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.add(reason);
        }
    }
}
