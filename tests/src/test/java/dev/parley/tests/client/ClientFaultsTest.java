package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallException.Outcome;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests failures that one call of a client meets, and no other call does. */
@Timeout(300)
class ClientFaultsTest {
    private static final Action<Message, Message> NUMBERS = Action.of("numbers", Message.class, Message.class);
    private static final int LIMIT_BYTES = 1024 * 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CountDownLatch mayAnswer = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        mayAnswer.countDown();
    }

    private EventLoop newLoop(String transport) {
        return bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
    }

    private Server serve(EventLoop loop) throws IOException {
        return bed.keep(Server.builder()
                .limits(MessageLimits.DEFAULT.withFrame(FrameLimits.DEFAULT.withContentBytesMax(64 * LIMIT_BYTES)))
                .on("bytes", request -> Message.binary("x", new byte[Integer.parseInt(request.text())]))
                .on("wait", request -> {
                    mayAnswer.await();
                    return request;
                })
                .on("mine", request -> {
                    throw new RequestRejectedException(ErrorCode.TIMEOUT, "my own words");
                })
                .onStream(NUMBERS, (question, out) -> {
                    out.send(Message.text("1"));
                    mayAnswer.await();
                    out.send(Message.text("2"));
                })
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void anAnswerAboveTheLimitFailsItsOwnCall(String transport) throws Exception {
        Server server = serve(newLoop(transport));
        Client client = bed.keep(Client.builder(server.address())
                .loop(newLoop(transport))
                .limits(MessageLimits.DEFAULT.withFrame(FrameLimits.DEFAULT.withContentBytesMax(LIMIT_BYTES)))
                .start());
        var waiting = new CompletableFuture<String>();
        Thread.startVirtualThread(() -> {
            try {
                waiting.complete(client.call("wait", Message.text("it")).text());
            } catch (IOException e) {
                waiting.completeExceptionally(e);
            }
        });
        try (InStream<Message> numbers = client.stream(NUMBERS, Message.text(""))) {
            assertThat(numbers.receive()).isNotNull().extracting(Message::text).isEqualTo("1");
            long before = server.openConnections();
            for (int bytes : new int[] {LIMIT_BYTES + 1, 5 * LIMIT_BYTES, 40 * LIMIT_BYTES}) {
                assertThatThrownBy(() -> client.call("bytes", Message.text(String.valueOf(bytes))))
                        .isInstanceOf(CallException.class)
                        .hasMessageContaining(String.valueOf(LIMIT_BYTES));
                assertThat(client.call("bytes", Message.text(String.valueOf(LIMIT_BYTES)))
                                .content())
                        .hasSize(LIMIT_BYTES);
            }
            mayAnswer.countDown();
            assertThat(numbers.receive()).isNotNull().extracting(Message::text).isEqualTo("2");
            assertThat(numbers.receive()).isNull();
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo("it");
            assertThat(server.openConnections()).isEqualTo(before);
        }
    }

    /** Every status but ok is an error, and so is an empty one. */
    @Test
    void anEmptyStatusIsAnError() throws Exception {
        Server odd = bed.listen(bed.server().on("odd", request -> request.with("status", "")));
        Client client = bed.client(odd.address());
        assertThatThrownBy(() -> client.call("odd", Message.text("x"))).isInstanceOf(RefusedException.class);
        Action<Message, Message> stream = Action.of("odd", Message.class, Message.class);
        try (InStream<Message> values = client.stream(stream, Message.text("x"))) {
            assertThatThrownBy(values::receive).isInstanceOf(RefusedException.class);
        }
        Client plain = bed.keep(
                Client.builder(odd.address()).loop(bed.loop()).plain(true).start());
        assertThatThrownBy(() -> plain.call(Message.json("{\"action\": \"odd\"}")))
                .isInstanceOf(RefusedException.class);
    }

    /**
     * Their requests wait, since the server has not said yet who it is; a call that is over must not be sent
     * afterwards.
     */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void callsThatAreOverAreNotSentOnAnyConnection(String transport) throws Exception {
        var listening = bed.keep(RawPeer.listen());
        Client client = bed.keep(Client.builder(RawPeer.addressOf(listening))
                .connections(2)
                .loop(newLoop(transport))
                .start());
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 6; i++) {
            threads.add(Thread.startVirtualThread(() -> assertThatThrownBy(() ->
                            client.call("over", Message.text("never"), CallOptions.timeout(Duration.ofMillis(200))))
                    .isInstanceOfSatisfying(TimedOutException.class, over -> assertThat(over.outcome())
                            .isEqualTo(Outcome.NOT_PROCESSED))));
        }
        MessagePeer first = bed.keep(MessagePeer.of(RawPeer.accept(listening)));
        MessagePeer second = bed.keep(MessagePeer.of(RawPeer.accept(listening)));
        for (Thread each : threads) {
            each.join();
        }
        var asked = new CopyOnWriteArrayList<String>();
        for (MessagePeer server : List.of(first, second)) {
            Thread.startVirtualThread(() -> {
                try {
                    while (true) {
                        Message request = server.receive(); // after it has said who it is
                        server.send(Message.text(String.valueOf(request.header().text("action")))
                                .going(Direction.RESPONSE, request.header().id()));
                        asked.add(String.valueOf(request.header().text("action")));
                    }
                } catch (IOException | AssertionError clientHasGone) {
                    return;
                }
            });
        }
        for (int i = 0; i < 2; i++) {
            assertThat(client.call("now", Message.text("")).text()).isEqualTo("now");
        }
        Await.until("both are counted", () -> asked.size() >= 2);
        assertThat(asked).containsOnly("now");
    }

    @Test
    void noTimeLeftIsNoTime() throws Exception {
        Client client = bed.keep(Client.builder(serve(newLoop("nio")).address())
                .loop(newLoop("nio"))
                .start());
        for (Duration over :
                List.of(Duration.ofNanos(-1), Duration.ofSeconds(-5), Duration.ofSeconds(Long.MIN_VALUE))) {
            assertThatThrownBy(() -> client.call("wait", Message.text(""), CallOptions.timeout(over)))
                    .isInstanceOfSatisfying(TimedOutException.class, none -> assertThat(none.outcome())
                            .isEqualTo(Outcome.NOT_PROCESSED));
        }
        assertThat(client.call("bytes", Message.text("3"), CallOptions.DEFAULT.withoutTimeout())
                        .content())
                .hasSize(3);
    }

    @Test
    void aHandlersOwnWordsOfATimeOutAreTold() throws Exception {
        Client client = bed.keep(Client.builder(serve(newLoop("nio")).address())
                .loop(newLoop("nio"))
                .start());
        assertThatThrownBy(() -> client.call("mine", Message.text(""), CallOptions.timeout(Duration.ofSeconds(60))))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("my own words")
                .hasMessageNotContaining("within");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void aClientWhoseLoopWasClosedFirstIsClosed(String transport) throws Exception {
        Server server = serve(newLoop(transport));
        var states = new CopyOnWriteArrayList<ClientState>();
        EventLoop loop = newLoop(transport);
        Client client = Client.builder(server.address())
                .loop(loop)
                .onState(change -> states.add(change.state()))
                .start();
        assertThat(client.call("bytes", Message.text("1")).content()).hasSize(1);
        loop.close();
        client.close();
        Await.until("it is closed", () -> client.state() == ClientState.CLOSED);
        assertThat(states).last().isEqualTo(ClientState.CLOSED);
        assertThatThrownBy(() -> client.call("bytes", Message.text("1"))).isInstanceOf(IOException.class);
    }
}
