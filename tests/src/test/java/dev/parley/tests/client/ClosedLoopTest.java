package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientBuilder;
import dev.parley.ClientClosedException;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.net.Address;
import dev.parley.net.AddressException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests clients whose loop is closed while they have no connection, so that no connection can report the end. */
@Timeout(120)
class ClosedLoopTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final EventLoop loop = bed.newLoop();
    private final AtomicBoolean ranAtOnce = new AtomicBoolean();

    private static Address nobody() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Address.parse("tcp://127.0.0.1:" + socket.getLocalPort());
        }
    }

    private Client backingOff() throws Exception {
        Client client =
                bed.keep(Client.builder(nobody()).loop(loop).waitForReady(true).start());
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        return client;
    }

    private static <T> CompletableFuture<T> started(Callable<T> blocking) {
        var result = new CompletableFuture<T>();
        Thread.startVirtualThread(() -> {
            try {
                result.complete(blocking.call());
            } catch (Throwable thrown) {
                result.completeExceptionally(thrown);
            }
        });
        return result;
    }

    private static void assertClosed(CompletableFuture<?> result) {
        assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ClientClosedException.class);
    }

    @Test
    void aCallThatWaitsForAServerEnds() throws Exception {
        Client client = backingOff();
        CompletableFuture<Message> call = started(() -> client.call("echo", Message.text("x")));
        CompletableFuture<Message> unlimited = client.callAsync(
                        "echo", Message.text("x"), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        loop.execute(() -> {}); // the call that was made before is there now
        loop.close();
        assertClosed(call);
        assertClosed(unlimited);
        assertThat(client.state()).isEqualTo(ClientState.CLOSED);
    }

    @Test
    void aConnectThatWaitsForAServerEnds() throws Exception {
        Address nobody = nobody();
        var tried = new CompletableFuture<Void>();
        CompletableFuture<Client> connecting = started(() -> Client.builder(nobody)
                .loop(loop)
                .waitForReady(true)
                .onState(change -> {
                    if (change.state() == ClientState.BACKING_OFF) {
                        tried.complete(null);
                    }
                })
                .connect());
        tried.get(20, TimeUnit.SECONDS);
        loop.close();
        assertClosed(connecting);
    }

    /** The server accepts, and sends nothing. */
    @Test
    void aConnectThatIsUnderWayEnds() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Client> connecting =
                    started(() -> Client.builder(Address.parse("tcp://127.0.0.1:" + silent.getLocalPort()))
                            .loop(loop)
                            .connect());
            try (Socket accepted = silent.accept()) {
                assertThat(accepted.isConnected()).isTrue();
                loop.close();
                assertThatThrownBy(() -> connecting.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            }
        }
    }

    @Test
    void aDrainEnds() throws Exception {
        Client client = backingOff();
        CompletableFuture<Message> call =
                client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT).toCompletableFuture();
        CompletableFuture<Integer> drain = started(() -> client.drain(Duration.ofHours(1)));
        loop.execute(() -> {});
        loop.close();
        assertClosed(call);
        assertThat(drain.get(20, TimeUnit.SECONDS)).isBetween(0, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "tcp://*:65432"})
    void anAddressThatNobodyCanConnectToIsRefusedAtOnce(String address) throws Exception {
        Address other = nobody();
        Address wrong = Address.parse(address);
        assertThatThrownBy(() -> Client.builder(wrong).loop(loop).start()).isInstanceOf(AddressException.class);
        assertThatThrownBy(() -> Client.builder(other, wrong).start()).isInstanceOf(AddressException.class);
    }

    @Test
    void aStreamThatWaitsForAServerEnds() throws Exception {
        Client client = backingOff();
        var end = new CompletableFuture<Integer>();
        client.streamAsync(Action.of("count", Integer.class, Integer.class), 1).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(Integer value) {}

            @Override
            public void onError(Throwable failure) {
                end.completeExceptionally(failure);
            }

            @Override
            public void onComplete() {
                end.complete(0);
            }
        });
        var begun = new CompletableFuture<Void>();
        loop.execute(() -> begun.complete(null)); // behind the beginning of the stream
        begun.get(20, TimeUnit.SECONDS);
        loop.close();
        assertClosed(end);
    }

    /** Code that a program runs when a call has failed may need the loop too. */
    @Test
    void whatFollowsAFailedCallMayMakeAnotherOne() throws Exception {
        Client client = backingOff();
        CompletableFuture<Message> again = client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT)
                .exceptionallyCompose(failure -> client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT))
                .toCompletableFuture();
        var begun = new CompletableFuture<Void>();
        loop.execute(() -> begun.complete(null));
        begun.get(20, TimeUnit.SECONDS);
        loop.close();
        assertClosed(again);
    }

    @Test
    void aClientThatIsMadeWhileTheLoopIsClosedEnds() throws Exception {
        ClientBuilder settings = Client.builder(nobody()).loop(loop);
        var made = new CompletableFuture<Client>();
        loop.execute(() -> loop.whenClosing(() -> made.complete(settings.start())));
        backingOff(); // after that, the loop ends its clients in another task of its close
        loop.execute(() -> loop.whenClosing(() -> loop.whenClosing(() -> ranAtOnce.set(true))));
        loop.close();
        assertThat(ranAtOnce).isTrue();
        Client client = bed.keep(made.get(20, TimeUnit.SECONDS));
        Await.until("it is closed", () -> client.state() == ClientState.CLOSED);
    }
}
