package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that an exception of a callback ends only its own connection, which is notified once. */
@Timeout(120)
class CallbackErrorsTest {
    private enum Callback {
        OPENED,
        BYTES,
        ENDED,
        WRITABLE,
        CLOSED,
        REFUSAL,
        TURNED_AWAY,
        IS_BUSY,
        HELD_BYTES
    }

    private enum Kind {
        RUNTIME_EXCEPTION {
            @Override
            Throwable make() {
                return new IllegalStateException("on purpose");
            }
        },
        NO_MESSAGE_TO_BE_HAD {
            @Override
            Throwable make() {
                return new IllegalStateException() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String getMessage() {
                        throw new IllegalStateException("no message");
                    }
                };
            }
        },
        CHECKED {
            @Override
            Throwable make() {
                return new IOException("on purpose");
            }
        },
        INTERRUPTED {
            @Override
            Throwable make() {
                Thread.currentThread().interrupt();
                return new InterruptedException("on purpose");
            }
        },
        ASSERTION {
            @Override
            Throwable make() {
                return new AssertionError("on purpose");
            }
        },
        OUT_OF_MEMORY {
            @Override
            Throwable make() {
                return new OutOfMemoryError("on purpose");
            }
        },
        STACK_OVERFLOW {
            @Override
            Throwable make() {
                return new StackOverflowError("on purpose");
            }
        },
        NO_SUCH_CLASS {
            @Override
            Throwable make() {
                return new NoClassDefFoundError("on purpose");
            }
        };

        abstract Throwable make();
    }

    private final MemNetwork network = new MemNetwork();

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();

    private EventLoop newLoop(Wire wire, Limits limits) {
        EventLoop loop = bed.newLoop(wire.settings(network).limits(limits));
        return loop;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Does all that a receiver may, and throws in one place. */
    private static final class Throwing implements Receiver {
        private final Callback where;
        private final Kind kind;
        final List<CloseReason> closed = new CopyOnWriteArrayList<>();
        volatile boolean threw;
        volatile boolean hasQueued;

        Throwing(Callback where, Kind kind) {
            this.where = where;
            this.kind = kind;
        }

        private void at(Callback here) {
            if (here == where) {
                threw = true;
                sneak(kind.make());
            }
        }

        @Override
        public void opened(LoopConnection connection) {
            at(Callback.OPENED);
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            at(Callback.BYTES);
            if (where == Callback.WRITABLE) {
                hasQueued = !connection.send(new byte[16 * 1024 * 1024]);
            }
        }

        @Override
        public void ended(LoopConnection connection) {
            at(Callback.ENDED);
            if (where != Callback.IS_BUSY) {
                connection.close();
            }
        }

        @Override
        public void writable(LoopConnection connection) {
            at(Callback.WRITABLE);
        }

        @Override
        public @Nullable String refusal(LoopConnection connection) {
            at(Callback.REFUSAL);
            return where == Callback.TURNED_AWAY ? "no room" : null;
        }

        @Override
        public ByteBuffer turnedAway(LoopConnection connection) {
            at(Callback.TURNED_AWAY);
            return ByteBuffer.allocate(0);
        }

        @Override
        public boolean isBusy() {
            at(Callback.IS_BUSY);
            return false;
        }

        @Override
        public long heldBytes(LoopConnection connection) {
            if (closed.isEmpty()) {
                at(Callback.HELD_BYTES);
            }
            return 0;
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            closed.add(reason);
            at(Callback.CLOSED);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MEM", "TCP_IPV4", "UNIX", "URING_IPV4", "URING_UNIX"})
    void eachKindInEachCallback(Wire wire) throws Exception {
        EventLoop serverLoop = newLoop(wire, Limits.DEFAULT);
        EventLoop clientLoop = newLoop(wire, Limits.DEFAULT.withIdleTimeout(Duration.ZERO));
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener others = serverLoop.listen(wire.free(), new NewPeerEach(accepted));
        var bystander = new LoopPeer();
        clientLoop.connect(others.address(), bystander);
        bystander.awaitOpened();
        LoopPeer other = accepted.poll(20, TimeUnit.SECONDS);
        assertThat(other).isNotNull();
        for (Callback where : Callback.values()) {
            for (Kind kind : Kind.values()) {
                throwsIn(serverLoop, clientLoop, wire, new Throwing(where, kind), () -> {
                    bystander.send(new byte[] {1});
                    assertThat(other.receive(1)).as("%s in %s", kind, where).containsExactly(1);
                });
            }
        }
    }

    private interface Goes {
        void on() throws IOException;
    }

    private void throwsIn(EventLoop serverLoop, EventLoop clientLoop, Wire wire, Throwing receiver, Goes bystander)
            throws Exception {
        String what = receiver.kind + " in " + receiver.where;
        LoopListener listener = serverLoop.listen(wire.free(), receiver);
        var client = new LoopPeer();
        LoopConnection connection = clientLoop.connect(listener.address(), client);
        boolean readsLater = receiver.where == Callback.WRITABLE;
        clientLoop.execute(() -> {
            if (readsLater) {
                connection.pauseReading();
            }
            connection.send(new byte[] {1});
            if (connection.closeReason() == null
                    && (receiver.where == Callback.ENDED || receiver.where == Callback.CLOSED)) {
                connection.shutdownOutput();
            }
        });
        if (readsLater) {
            Await.until(what + ": more than the system takes is queued", () -> receiver.hasQueued);
            clientLoop.execute(connection::resumeReading);
        }
        while (receiver.where == Callback.IS_BUSY && !Await.within(Duration.ofMillis(5), () -> receiver.threw)) {
            ticker.advance(Duration.ofMinutes(1));
            bystander.on();
        }
        Await.until(what + " is thrown", () -> receiver.threw);
        bystander.on();
        Await.until(what + ": the listener has no connection", () -> listener.openConnections() == 0);
        Await.until(what + ": the client is told", () -> connection.closeReason() != null || client.ends.get() > 0);
        listener.close();
        clientLoop.execute(connection::reset);
        boolean isTold = receiver.where != Callback.TURNED_AWAY;
        Await.until(what + ": its end is told", () -> !isTold || !receiver.closed.isEmpty());
        CloseReason right = receiver.where == Callback.CLOSED ? CloseReason.PEER : CloseReason.FAILED;
        assertThat(receiver.closed).as(what).isEqualTo(isTold ? List.of(right) : List.of());
        Await.until(
                what + " is told to the events", () -> !census.takeFailures().isEmpty());
    }

    /** The hook returns null although it must not. */
    @ParameterizedTest
    @EnumSource(names = {"MEM", "TCP_IPV4", "URING_IPV4"})
    void lastWordsOfNullEndTheOneConnection(Wire wire) throws Exception {
        EventLoop loop = newLoop(wire, Limits.DEFAULT);
        LoopListener listener = loop.listen(wire.free(), new Receiver() {
            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public String refusal(LoopConnection connection) {
                return "no room";
            }

            @Override
            @SuppressWarnings("NullAway")
            public ByteBuffer turnedAway(LoopConnection connection) {
                return null;
            }
        });
        newLoop(wire, Limits.DEFAULT).connect(listener.address(), new LoopPeer());
        Await.until("it is told", () -> !census.takeFailures().isEmpty());
        assertThat(listener.openConnections()).isZero();
    }

    /** Tasks, timers and deferred tasks throw: the exceptions are reported, and the next ones run. */
    @ParameterizedTest
    @EnumSource(names = {"MEM", "TCP_IPV4", "URING_IPV4"})
    void eachKindInATaskOrATimer(Wire wire) {
        EventLoop loop = newLoop(wire, Limits.DEFAULT);
        for (Kind kind : Kind.values()) {
            var ran = new CopyOnWriteArrayList<String>();
            loop.execute(() -> sneak(kind.make()));
            loop.execute(() -> {
                loop.defer(() -> sneak(kind.make()));
                loop.defer(() -> ran.add("deferred"));
                loop.schedule(Duration.ZERO, () -> sneak(kind.make()));
                loop.schedule(Duration.ZERO, () -> ran.add("timer"));
            });
            Await.until(kind + ": the others run", () -> ran.size() == 2);
            assertThat(census.takeFailures()).as("%s", kind).hasSize(3);
        }
    }
}
