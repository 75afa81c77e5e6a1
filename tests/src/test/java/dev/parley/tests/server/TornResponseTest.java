package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.AcceptedSocket;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.Transport;
import dev.parley.tests.bed.OddTransport;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests a heap that becomes full when a part of a response has left: nothing can follow on that connection, so it is
 * reset. A part of a response never passes for a whole one, and the other connections and the server go on.
 */
@Timeout(60)
class TornResponseTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final MemNetwork network = new MemNetwork();
    private final AtomicInteger tearsAt = new AtomicInteger(Integer.MAX_VALUE);

    private static Message longText(int bytes) {
        return Message.text("0123456789".repeat(bytes / 10));
    }

    private Server listen(int responseBytes, Semaphore mayAnswer) throws IOException {
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(new Tearing(network)));
        return bed.keep(bed.server()
                .onLoop("loop", _ -> longText(responseBytes))
                .on("virtual", _ -> longText(responseBytes))
                .on("waits", _ -> {
                    mayAnswer.acquire();
                    return Message.text("late");
                })
                .onLoop("short", _ -> Message.text("short"))
                .listen(loop, Address.parse("mem:torn")));
    }

    private Client client() throws IOException {
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(network));
        return bed.keep(Client.builder(Address.parse("mem:torn")).loop(loop).connect());
    }

    private static String text(Client client, String action) throws Exception {
        return client.call(action, Message.text("")).text();
    }

    private static CompletableFuture<Message> waiting(Client client) {
        Message request = Message.text("").with("action", "waits");
        return client.callAsync(request, CallOptions.timeout(Duration.ofSeconds(30)))
                .toCompletableFuture();
    }

    @ParameterizedTest
    @CsvSource({"loop,100", "loop,60000", "loop,300000", "virtual,100", "virtual,60000", "virtual,300000"})
    void onlyTheConnectionOfATornResponseEnds(String action, int responseBytes) throws Exception {
        var mayAnswer = new Semaphore(0);
        listen(responseBytes, mayAnswer);
        Client torn = client();
        Client other = client();
        assertThat(text(torn, action)).hasSize(responseBytes);
        assertThat(text(other, action)).hasSize(responseBytes);
        CompletableFuture<Message> waits = waiting(torn);
        CompletableFuture<Message> othersWait = waiting(other);
        assertThat(text(torn, "short")).isEqualTo("short");

        tearsAt.set(Math.min(responseBytes, 50_000)); // a long response leaves in several writes
        assertThatThrownBy(() -> text(torn, action))
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> assertThat(lost.outcome())
                        .isEqualTo(CallException.Outcome.UNKNOWN));
        assertThat(tearsAt).hasValue(Integer.MAX_VALUE);
        assertThatThrownBy(waits::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(ConnectionLostException.class);
        assertThat(bed.census().takeFailures()).hasSize(1).first().asString().contains("no memory, by hand");

        assertThat(text(other, action)).hasSize(responseBytes);
        assertThat(text(torn, action)).as("on a new connection").hasSize(responseBytes);
        mayAnswer.release(2);
        assertThat(othersWait.join().text()).isEqualTo("late");
    }

    /** A transport whose channels fail once, in the middle of a write of at least so many bytes. */
    private final class Tearing extends OddTransport {
        Tearing(Transport real) {
            super(real);
        }

        @Override
        protected void register(Poller poller, ServerChannel channel, AcceptSink sink) throws IOException {
            poller.register(channel, new AcceptSink() {
                @Override
                public void acceptedSocket(AcceptedSocket acceptedSocket) {
                    sink.acceptedSocket(acceptedSocket);
                }

                @Override
                public ChannelSink accepted(Channel accepted) {
                    return sink.accepted(new TearingChannel(accepted));
                }

                @Override
                public void acceptFailed(IOException cause) {
                    sink.acceptFailed(cause);
                }
            });
        }
    }

    private final class TearingChannel implements Channel {
        private final Channel real;

        TearingChannel(Channel real) {
            this.real = real;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() >= tearsAt.get()) {
                tearsAt.set(Integer.MAX_VALUE);
                real.write(bytes.slice(bytes.position(), bytes.remaining() / 2));
                throw new OutOfMemoryError("no memory, by hand");
            }
            return real.write(bytes);
        }

        @Override
        public SocketAddress localAddress() {
            return real.localAddress();
        }

        @Override
        public SocketAddress peerAddress() {
            return real.peerAddress();
        }

        @Override
        public void wantRead(boolean wanted) {
            real.wantRead(wanted);
        }

        @Override
        public boolean readNow() {
            return real.readNow();
        }

        @Override
        public void wantWrite(boolean wanted) {
            real.wantWrite(wanted);
        }

        @Override
        public void shutdownOutput() throws IOException {
            real.shutdownOutput();
        }

        @Override
        public void close() {
            real.close();
        }

        @Override
        public void reset() {
            real.reset();
        }
    }
}
