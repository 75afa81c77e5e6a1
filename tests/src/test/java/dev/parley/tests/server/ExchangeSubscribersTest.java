package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.Address;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests what passes from a request to the calls that subscribers and publishers of its handler make. */
@Timeout(120)
class ExchangeSubscribersTest {
    private static final Message ASKED = Message.text("");
    private static final Action<Message, Message> TELL = Action.of("tell", Message.class, Message.class);
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);
    private static final Action<Message, Message> ECHO = Action.of("echo", Message.class, Message.class);
    private static final CallOptions WITH_TENANT =
            CallOptions.timeout(Duration.ofSeconds(9)).withHeader("x-tenant", "acme");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Client far;

    /** The last server says what has arrived. */
    @BeforeEach
    void serveFar() throws Exception {
        far = client(bed.server()
                .on("tell", (request, exchange) -> told(exchange))
                .onStream(STREAM, (asked, out, exchange) -> out.send(told(exchange)))
                .onDuplex(ECHO, (in, out) -> {
                    for (Message next : in) {
                        out.send(next);
                    }
                }));
    }

    private static Message told(Exchange exchange) {
        boolean isLimited =
                exchange.timeLeft().isPresent() && exchange.timeLeft().get().toSeconds() < 10;
        return Message.text(exchange.header().text("x-tenant") + (isLimited ? " limited" : " unlimited"));
    }

    private Client client(ServerBuilder settings) throws IOException {
        Server server = bed.keep(settings.passOn("x-tenant").listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        return bed.keep(Client.builder(server.address()).loop(bed.newLoop()).connect());
    }

    private CompletionStage<Message> tell() {
        return far.callAsync(TELL, ASKED, CallOptions.DEFAULT.withTimeout(Duration.ofHours(1)));
    }

    /** Completes a future with the result of the call that it makes for the first value or the end. */
    private final class Calling implements Flow.Subscriber<Message> {
        final CompletableFuture<Message> ofValue = new CompletableFuture<>();
        final CompletableFuture<Message> ofEnd = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Message value) {
            var _ = tell().thenAccept(ofValue::complete);
        }

        @Override
        public void onError(Throwable failure) {
            ofValue.completeExceptionally(failure);
            ofEnd.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            var _ = tell().thenAccept(ofEnd::complete);
        }

        Message both() throws Exception {
            return Message.text(ofValue.get().text() + ", " + ofEnd.get().text());
        }
    }

    private final Flow.Publisher<Message> publisher = this::publish;

    /** Publishes what a call answers that it makes when a value is requested. */
    private void publish(Flow.Subscriber<? super Message> to) {
        to.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {
                var _ = tell().thenAccept(answer -> {
                    to.onNext(answer);
                    to.onComplete();
                });
            }

            @Override
            public void cancel() {}
        });
    }

    @Test
    void theSubscriberOfAHandlerOnAThreadPassesThem() throws Exception {
        Client near = client(bed.server()
                .on("stream", request -> {
                    var calling = new Calling();
                    far.streamAsync(STREAM, ASKED).subscribe(calling);
                    return calling.both();
                })
                .on("duplex", request -> {
                    var calling = new Calling();
                    far.duplexAsync(ECHO, publisher).subscribe(calling);
                    return calling.both();
                }));
        assertThat(near.call("stream", ASKED, WITH_TENANT).text()).isEqualTo("acme limited, acme limited");
        assertThat(near.call("duplex", ASKED, WITH_TENANT).text()).isEqualTo("acme limited, acme limited");
    }

    /** The publisher may have been made long before, such as once for all requests. */
    @Test
    void theExchangeThatSubscribesCounts() throws Exception {
        Flow.Publisher<Message> madeBefore = far.streamAsync(STREAM, ASKED);
        Client near = client(bed.server()
                .on("late", request -> {
                    var calling = new Calling();
                    madeBefore.subscribe(calling);
                    return calling.both();
                })
                .onLoopStream(STREAM, (asked, exchange) -> madeBefore));
        assertThat(near.call("late", ASKED, WITH_TENANT).text()).isEqualTo("acme limited, acme limited");
        try (var in = near.stream(STREAM, ASKED, WITH_TENANT)) {
            assertThat(in.receive()).extracting(Message::text).isEqualTo("acme limited");
        }
    }

    @Test
    void theSubscriberOfADetachedStreamPassesNothing() throws Exception {
        Client near = client(bed.server().on("detached", request -> {
            var calling = new Calling();
            far.streamAsync(STREAM, ASKED, CallOptions.DEFAULT.detached()).subscribe(calling);
            return calling.both();
        }));
        assertThat(near.call("detached", ASKED, WITH_TENANT).text()).isEqualTo("null unlimited, null unlimited");
    }

    @Test
    void thePublisherOfAHandlerPassesThem() throws Exception {
        Client near = client(bed.server()
                .onLoopStream(STREAM, (asked, exchange) -> publisher)
                .onStream(ECHO, (asked, out) -> out.follow(publisher)
                        .thenCompose(done -> tell())
                        .thenAccept(answer -> assertThat(answer.text()).isEqualTo("acme limited"))
                        .get()));
        for (Action<Message, Message> each : List.of(STREAM, ECHO)) {
            try (var in = near.stream(each, ASKED, WITH_TENANT)) {
                assertThat(in.receive()).extracting(Message::text).isEqualTo("acme limited");
                assertThat(in.receive()).isNull();
            }
        }
    }

    @Test
    void aDetachedStreamDetachesItsPublisher() throws Exception {
        Client near = client(bed.server()
                .on("async", request -> {
                    var first = new CompletableFuture<Message>();
                    far.duplexAsync(ECHO, publisher, CallOptions.DEFAULT.detached())
                            .subscribe(new Flow.Subscriber<Message>() {
                                @Override
                                public void onSubscribe(Flow.Subscription subscription) {
                                    subscription.request(1);
                                }

                                @Override
                                public void onNext(Message value) {
                                    first.complete(value);
                                }

                                @Override
                                public void onError(Throwable failure) {
                                    first.completeExceptionally(failure);
                                }

                                @Override
                                public void onComplete() {}
                            });
                    return first.get();
                })
                .on("blocking", request -> {
                    try (var duplex = far.duplex(ECHO, CallOptions.DEFAULT.detached())) {
                        var _ = duplex.out().follow(publisher);
                        return Objects.requireNonNull(duplex.receive());
                    }
                }));
        assertThat(near.call("async", ASKED, WITH_TENANT).text()).isEqualTo("null unlimited");
        assertThat(near.call("blocking", ASKED, WITH_TENANT).text()).isEqualTo("null unlimited");
    }
}
