package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.SocketOptions;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests what a slow or silent peer gets of writes: all of them in their order, or an end that shows that some are
 * missing.
 */
@Timeout(120)
class CutWriteTest {
    private static final int MUCH_BYTES = 16 * 1024 * 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final MemNetwork network = new MemNetwork();

    private EventLoop newLoop(Wire wire) {
        return bed.newLoop(wire.settings(network));
    }

    /** The ways in which a program ends a connection on which a write was cut off. */
    enum End {
        OUTPUT_STREAM,
        SHUTDOWN_OUTPUT,
        SMALL_WRITE_AND_CLOSE,
        CLOSE
    }

    private static void end(Connection connection, End how) throws IOException {
        switch (how) {
            case OUTPUT_STREAM -> connection.out().close();
            case SHUTDOWN_OUTPUT -> connection.shutdownOutput();
            case SMALL_WRITE_AND_CLOSE ->
                assertThatThrownBy(() -> connection.out().write(1))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("an interrupt has cut off an earlier write");
            case CLOSE -> connection.close();
        }
        connection.close();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedWriteIsNeverTakenForAWholeOne(End how) throws Exception {
        for (Wire wire : Wire.wanted().filter(Wire::isTcp).toList()) {
            EventLoop loop = newLoop(wire);
            Listener listener = bed.keep(Listener.open(loop, wire.free()));
            Connection writer = bed.keep(Connection.connect(newLoop(wire), listener.address()));
            Connection reader = bed.keep(listener.accept());
            var began = new CompletableFuture<Void>();
            var interrupted = new CompletableFuture<Thread>();
            Thread thread = Thread.startVirtualThread(() -> {
                try {
                    began.complete(null);
                    writer.out().write(new byte[MUCH_BYTES]);
                } catch (InterruptedIOException e) {
                    interrupted.complete(Thread.currentThread());
                } catch (IOException e) {
                    interrupted.completeExceptionally(e);
                }
            });
            began.get(20, TimeUnit.SECONDS);
            InputStream in = reader.in();
            assertThat(in.read()).isZero(); // so some of it is on its way
            thread.interrupt();
            interrupted.get(20, TimeUnit.SECONDS);
            end(writer, how);
            assertThatThrownBy(in::readAllBytes).as("%s", wire).isInstanceOf(ConnectionClosedException.class);
        }
    }

    /**
     * The peer reads so slowly that what the loop's thread has handed to the kernel waits there, while the writer wakes
     * to check that the peer still lives.
     */
    @ParameterizedTest
    @MethodSource("dev.parley.tests.contract.Wire#wanted")
    void aSlowPeerGetsAllBytesInTheirOrder(Wire wire) throws Exception {
        var options = SocketOptions.DEFAULT.withBuffers(0, 64 * 1024);
        Limits limits = Limits.DEFAULT.withWriteTimeout(Duration.ofSeconds(1));
        EventLoop loop =
                bed.newLoop(wire.settings(network).socketOptions(options).limits(limits));
        Listener listener = bed.keep(Listener.open(loop, wire.free()));
        EventLoop slow =
                bed.newLoop(wire.settings(network).socketOptions(SocketOptions.DEFAULT.withBuffers(32 * 1024, 0)));
        Connection reader = bed.keep(Connection.connect(slow, listener.address()));
        Connection writer = bed.keep(listener.accept());
        var bytes = new byte[3_000_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 >> 7);
        }
        var written = new CompletableFuture<Void>();
        Thread.startVirtualThread(() -> {
            try {
                writer.out().write(bytes);
                writer.shutdownOutput();
                written.complete(null);
            } catch (IOException e) {
                written.completeExceptionally(e);
            }
        });
        var read = new byte[bytes.length];
        InputStream in = reader.in();
        for (int at = 0; at < read.length; ) {
            int count = in.read(read, at, Math.min(at < 1_000_000 ? 3_000 : 1_000_000, read.length - at));
            assertThat(count).isPositive();
            at += count;
            if (at < 1_000_000) {
                new CompletableFuture<Void>()
                        .completeOnTimeout(null, 10, TimeUnit.MILLISECONDS)
                        .join();
            }
        }
        assertThat(read).isEqualTo(bytes);
        assertThat(in.read()).isEqualTo(-1);
        written.get(20, TimeUnit.SECONDS);
    }

    /** The peer ends first, so the close need not linger, and reads so late that the answer waits in the kernel. */
    @ParameterizedTest
    @MethodSource("dev.parley.tests.contract.Wire#wanted")
    void aCloseBehindALargeAnswerIsAnOrderlyEnd(Wire wire) throws Exception {
        var answered = new CompletableFuture<Void>();
        EventLoop loop =
                bed.newLoop(wire.settings(network).socketOptions(SocketOptions.DEFAULT.withBuffers(0, 64 * 1024)));
        LoopListener listener = loop.listen(wire.free(), accepted -> new Receiver() {
            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                bytes.position(bytes.limit());
            }

            @Override
            public void ended(LoopConnection connection) {
                connection.send(new byte[600_000]);
                connection.close();
                answered.complete(null);
            }
        });
        EventLoop slow =
                bed.newLoop(wire.settings(network).socketOptions(SocketOptions.DEFAULT.withBuffers(32 * 1024, 0)));
        Connection reader = bed.keep(Connection.connect(slow, listener.address()));
        reader.shutdownOutput();
        answered.get(20, TimeUnit.SECONDS);
        InputStream in = reader.in();
        int read = 0;
        for (int count = in.read(new byte[5_000]); count > 0; count = in.read(new byte[5_000])) {
            read += count;
            if (read < 100_000) {
                new CompletableFuture<Void>()
                        .completeOnTimeout(null, 5, TimeUnit.MILLISECONDS)
                        .join();
            }
        }
        assertThat(read).isEqualTo(600_000);
    }

    /** Over io_uring, a connection that was sent to before another one in a turn takes nothing more in this turn. */
    @ParameterizedTest
    @MethodSource("dev.parley.tests.contract.Wire#wanted")
    void aCloseInTheTurnOfASendIsAnOrderlyEnd(Wire wire) throws Exception {
        EventLoop loop = newLoop(wire);
        var other = new CompletableFuture<LoopConnection>();
        LoopListener listener = loop.listen(wire.free(), accepted -> new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                other.complete(connection);
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                bytes.position(bytes.limit());
            }

            @Override
            public void ended(LoopConnection connection) {
                connection.send(new byte[100]);
                other.join().send(new byte[100]);
                connection.close();
            }
        });
        Connection first = bed.keep(Connection.connect(newLoop(wire), listener.address()));
        other.get(20, TimeUnit.SECONDS);
        Connection second = bed.keep(Connection.connect(newLoop(wire), listener.address()));
        second.shutdownOutput();
        assertThat(second.in().readAllBytes()).hasSize(100);
        assertThat(first.info().closeReason()).isNull();
        assertThat(CloseReason.TRUNCATED).isNotEqualTo(second.info().closeReason());
    }
}
