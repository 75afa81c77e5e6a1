package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that a handler that dies in any place fails its own request: that has one answer, its resources are given back,
 * and all others go on. Each way to die in each form of a handler and place of a filter.
 */
@Timeout(300)
@SuppressWarnings("NullAway") // null is one of the deaths
class DyingHandlersTest {
    private static final int PLACES = 3;
    private static final Action<Message, Message> VALUES = Action.of("it", Message.class, Message.class);

    /** A way to die: returns null, or throws. */
    interface Death {
        Message die() throws Exception;
    }

    private static final class Silent extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no words");
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable any) throws T {
        throw (T) any;
    }

    private static Death throwing(Throwable any) {
        return () -> {
            DyingHandlersTest.<RuntimeException>sneak(any);
            return Message.text("never");
        };
    }

    private static Message tooLong() {
        return Message.text("x").with("x-long", "v".repeat(1_024)).with("x-long2", "v".repeat(1_024));
    }

    /** The ways to die, each with the status that its client gets. */
    private static final Map<String, Death> DEATHS = deaths();

    private static Map<String, Death> deaths() {
        var all = new LinkedHashMap<String, Death>();
        all.put("internal: null", () -> null);
        all.put("internal: no message", () -> Message.of(null));
        all.put("internal: checked", throwing(new IOException("by hand")));
        all.put("internal: unchecked", throwing(new CancellationException()));
        all.put("internal: without words", throwing(new Silent()));
        all.put("internal: no refusal", () -> {
            throw new RequestRejectedException(null, "x");
        });
        all.put("failed: on purpose", throwing(new ApplicationException("sold-out", "no more of it")));
        all.put(
                "failed: in a stage",
                throwing(new CompletionException(new ApplicationException("sold-out", "no more of it"))));
        all.put("internal: stack", throwing(new StackOverflowError("by hand")));
        all.put("internal: memory", throwing(new OutOfMemoryError("by hand")));
        all.put("internal: linkage", throwing(new NoClassDefFoundError("by hand")));
        all.put("internal: interrupted", throwing(new InterruptedException("by hand")));
        all.put("internal: neither", throwing(new Throwable("by hand")));
        all.put("internal: content too large", () -> Message.binary("x", new byte[20_000]));
        all.put("internal: header too large", DyingHandlersTest::tooLong);
        all.put("internal: words too many", throwing(new ApplicationException("long", "x".repeat(20_000))));
        return all;
    }

    private static ServerBuilder raw(ServerBuilder settings, Death death) {
        return settings.on("it", request -> death.die());
    }

    /** The forms of a handler. */
    private static final Map<String, Form> FORMS = forms();

    interface Form {
        ServerBuilder add(ServerBuilder settings, Death death);
    }

    private static Map<String, Form> forms() {
        var all = new LinkedHashMap<String, Form>();
        all.put("raw", DyingHandlersTest::raw);
        all.put("exchange", (settings, death) -> settings.on("it", (request, exchange) -> death.die()));
        all.put("typed", (settings, death) -> settings.on(VALUES, question -> death.die()));
        all.put("typed exchange", (settings, death) -> settings.on(VALUES, (question, exchange) -> death.die()));
        all.put("onLoop", (settings, death) -> settings.onLoop("it", request -> death.die()));
        all.put("typed onLoop", (settings, death) -> settings.onLoop(VALUES, question -> death.die()));
        all.put("otherwise", (settings, death) -> settings.otherwise(request -> death.die()));
        all.put("otherwiseOnLoop", (settings, death) -> settings.otherwiseOnLoop(request -> death.die()));
        all.put("stream", (settings, death) -> settings.onStream(VALUES, (question, out) -> out.send(death.die())));
        all.put("upload", (settings, death) -> settings.onUpload(VALUES, in -> death.die()));
        all.put("duplex", (settings, death) -> settings.onDuplex(VALUES, (in, out, exchange) -> out.send(death.die())));
        all.put("filter before", (settings, death) -> raw(settings, () -> Message.text(""))
                .filter((request, chain) -> {
                    if (!"it".equals(chain.action())) {
                        return chain.proceed(request);
                    }
                    return death.die();
                }));
        all.put("filter after", (settings, death) -> raw(settings, () -> Message.text(""))
                .filter((request, chain) -> {
                    Message answer = chain.proceed(request);
                    return "it".equals(chain.action()) ? death.die() : answer;
                }));
        all.put("filter around", (settings, death) -> raw(settings, death)
                .filter((request, chain) -> chain.proceed(request)));
        return all;
    }

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    /**
     * Asserts that no failure is left. The bed does this last, when all is closed and no failure is still to be
     * reported.
     */
    @BeforeEach
    void takeTheDeathsAtLast() {
        bed.keep(() -> bed.census().takeFailures());
    }

    private Server listen(UnaryOperator<ServerBuilder> further) throws IOException {
        ServerBuilder settings = bed.server()
                .limits(MessageLimits.DEFAULT
                        .withInFlightTotalMax(PLACES)
                        .withFrame(FrameLimits.DEFAULT.withHeaderBytesMax(1_500).withContentBytesMax(10_000)))
                .on("echo", request -> request);
        return bed.listen(further.apply(settings));
    }

    static Stream<String> formNames() {
        return FORMS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("formNames")
    void eachDeathCostsItsRequestAlone(String form) throws Exception {
        for (Map.Entry<String, Death> death : DEATHS.entrySet()) {
            String status = death.getKey().substring(0, death.getKey().indexOf(':'));
            Server server = listen(settings -> FORMS.get(form).add(settings, death.getValue()));
            MessagePeer peer = bed.peer(server);
            if (List.of("stream", "duplex").contains(form) && death.getKey().equals("internal: null")) {
                continue; // a value like others, which is JSON's null
            }
            boolean isPlainToo = !List.of("stream", "upload", "duplex").contains(form);
            for (int i = 1; i <= 2 * PLACES; i++) {
                String what = form + ", " + death.getKey() + ", " + i;
                peer.send(request(i, "it", Message.text("x")));
                expect(peer.receive(), i, status, what);
                if (isPlainToo) {
                    peer.send(request(0, "it", Message.text("x")));
                    expect(peer.receive(), 0, status, what + " without an id");
                }
                peer.send(request(1_000 + i, "echo", Message.text("x")));
                expect(peer.receive(), 1_000 + i, "ok", what + ": the others");
            }
            server.close();
        }
    }

    private static void expect(Message answer, long id, String status, String what) {
        assertThat(answer.header().id()).as(what).isEqualTo(id);
        assertThat(answer.status().orElse("ok")).as(what).isEqualTo(status);
    }

    /** The ways in which a factory may fail to make a thread. */
    enum Threads {
        NONE {
            @Override
            Thread thread(Runnable work) {
                return null;
            }
        },
        THROWS {
            @Override
            Thread thread(Runnable work) {
                throw new OutOfMemoryError("no thread, by hand");
            }
        },
        NOT_STARTED {
            @Override
            Thread thread(Runnable work) {
                return new Thread(work) {
                    @Override
                    public void start() {
                        throw new OutOfMemoryError("not started, by hand");
                    }
                };
            }
        };

        abstract Thread thread(Runnable work);
    }

    static Stream<Threads> threads() {
        return Stream.of(Threads.values());
    }

    @ParameterizedTest
    @MethodSource("threads")
    void aThreadThatIsNotThereCostsItsRequestAlone(Threads bad) throws Exception {
        var badOnes = new AtomicInteger();
        ThreadFactory some = work -> badOnes.getAndDecrement() > 0
                ? bad.thread(work)
                : Thread.ofVirtual().unstarted(work);
        Server server = listen(settings -> settings.threads(some)
                .limits(MessageLimits.DEFAULT.withInFlightTotalMax(PLACES))
                .onUpload(VALUES, in -> in.receive()));
        MessagePeer peer = bed.peer(server);
        for (int i = 1; i <= 2 * PLACES; i++) {
            for (long id : List.of(0L, (long) i)) {
                badOnes.set(1);
                peer.send(request(id, "echo", Message.text("x")));
                expect(peer.receive(), id, "busy", bad + ", " + i);
            }
            badOnes.set(1);
            peer.send(request(i, "it", Message.text("x")).withProtocolKey(Header.MORE, true));
            expect(peer.receive(), i, "busy", bad + ", a stream, " + i);
            peer.send(request(i, "it", Message.text("x")));
        }
        badOnes.set(0);
        for (long id = 1_001; id <= 1_001 + PLACES; id++) {
            peer.send(request(id, "echo", Message.text("x")));
            expect(peer.receive(), id, "ok", bad + ", afterwards");
        }
    }

    /** Threads that are started together go on without one that cannot be started. */
    @Test
    void oneThatCannotBeStartedTakesNoOtherAlong() throws Exception {
        var made = new AtomicInteger();
        ThreadFactory some = work -> made.incrementAndGet() % 3 == 0
                ? Threads.NOT_STARTED.thread(work)
                : Thread.ofVirtual().unstarted(work);
        Server server = listen(settings -> settings.threads(some).limits(MessageLimits.DEFAULT));
        MessagePeer peer = bed.peer(server);
        int count = 60;
        var all = new ByteArrayOutputStream();
        for (int id = 1; id <= count; id++) {
            all.writeBytes(MessagePeer.bytes(request(id, "echo", Message.text("x"))));
        }
        peer.raw.send(all.toByteArray());
        int busy = 0;
        for (int i = 0; i < count; i++) {
            busy += peer.receive().status().isPresent() ? 1 : 0;
        }
        assertThat(busy).isBetween(1, count / 2);
    }

    /**
     * The first handler has returned, but the loop does not know it yet, since the thread that wakes the loop waits
     * until there is no thread for the second handler.
     */
    @Test
    void plainRequestsAreAnsweredInTheirOrderEvenIfAThreadIsNotThere() throws Exception {
        var made = new AtomicInteger();
        var hasReturned = new CountDownLatch(1);
        var mayWake = new CountDownLatch(1);
        bed.keep(mayWake::countDown);
        ThreadFactory some = work -> switch (made.incrementAndGet()) {
            case 1 ->
                Thread.ofVirtual().unstarted(() -> {
                    work.run();
                    hasReturned.countDown();
                });
            case 2 ->
                Thread.ofVirtual().unstarted(() -> {
                    try {
                        mayWake.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    work.run();
                });
            case 3 -> {
                mayWake.countDown();
                yield null;
            }
            default -> Thread.ofVirtual().unstarted(work);
        };
        Server server = listen(settings -> settings.threads(some));
        MessagePeer peer = bed.peer(server);
        peer.send(request(0, "echo", Message.text("first")));
        assertThat(hasReturned.await(60, TimeUnit.SECONDS)).isTrue();
        peer.send(request(0, "echo", Message.text("second")));
        Message first = peer.receive();
        expect(first, 0, "ok", "the first");
        assertThat(first.text()).isEqualTo("first");
        expect(peer.receive(), 0, "busy", "the second");
        peer.send(request(0, "echo", Message.text("third")));
        assertThat(peer.receive().text()).isEqualTo("third");
        assertThat(bed.census().takeFailures())
                .singleElement()
                .asString()
                .contains("no thread could be made for a request")
                .doesNotContain("handler of");
    }

    @Test
    void aStreamOnTheLoopSaysWhyItsStageFailed() throws Exception {
        Server server = listen(settings -> settings.onLoopStream(VALUES, (question, exchange) -> {
            throw new CompletionException(new ApplicationException("sold-out", "no more of it"));
        }));
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "it", Message.text("x")));
        expect(peer.receive(), 1, "failed", "a stream on the loop");
    }
}
