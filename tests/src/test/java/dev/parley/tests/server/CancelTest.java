package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.TimedOutException;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests handlers whose callers have left: they are interrupted or not, and notified by a hook. */
@Timeout(300)
class CancelTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Action<Message, Message> TALK = Action.of("talk", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger hooks = new AtomicInteger();
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();

    @AfterEach
    void letGo() {
        mayGoOn.countDown();
    }

    /** Waits without hearing of interrupts, as code does that shares a file, and then tells whether there was one. */
    private Message wait(Exchange exchange) {
        begun.incrementAndGet();
        exchange.onCancel(hooks::incrementAndGet);
        boolean done = false;
        while (!done) {
            try {
                mayGoOn.await();
                done = true;
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        }
        ended.set(true);
        return Message.text("");
    }

    private Server listen(UnaryOperator<ServerBuilder> further) throws Exception {
        return bed.listen(further.apply(bed.server()
                .on("wait", (request, exchange) -> wait(exchange))
                .onDuplex(TALK, (in, out, exchange) -> wait(exchange))));
    }

    private void giveUp(Client client, boolean interrupts) {
        assertThatThrownBy(() -> client.call("wait", Message.text(""), CallOptions.timeout(SHORT)))
                .isInstanceOf(TimedOutException.class);
        letGo(interrupts);
    }

    /** Lets the handlers return. An interrupt that comes is awaited; one that must not come would have come by then. */
    private void letGo(boolean interrupts) {
        Await.until("it is told", () -> hooks.get() == 1);
        if (interrupts) {
            Await.until("it is interrupted", interrupted::get);
        }
        mayGoOn.countDown();
        Await.until("it has ended", ended::get);
    }

    @Test
    void aHandlerIsInterruptedByDefault() throws Exception {
        giveUp(bed.client(listen(settings -> settings).address()), true);
        assertThat(interrupted).isTrue();
    }

    @Test
    void itIsNotWhereTheServerSaysSo() throws Exception {
        giveUp(bed.client(listen(settings -> settings.interrupts(false)).address()), false);
        assertThat(interrupted).isFalse();
        assertThat(hooks).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theWordOfOneActionCountsMoreThanThatOfAll(boolean ofAll) throws Exception {
        Server server = listen(settings -> settings.interrupts("wait", !ofAll)
                .interrupts(ofAll)
                .filter((request, chain) -> chain.proceed(request)));
        giveUp(bed.client(server.address()), !ofAll);
        assertThat(interrupted.get()).isEqualTo(!ofAll);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSameHoldsForAStream(boolean interrupts) throws Exception {
        Client client =
                bed.client(listen(settings -> settings.interrupts(interrupts)).address());
        try (Duplex<Message, Message> talk = client.duplex(TALK)) {
            talk.send(Message.text("x"));
            Await.until("it runs", () -> begun.get() == 1);
        }
        letGo(interrupts);
        assertThat(interrupted.get()).isEqualTo(interrupts);
    }

    /** The client is plain, its requests share a thread, and it leaves. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSameHoldsForARequestWithoutAnId(boolean interrupts) throws Exception {
        MessagePeer peer = bed.peer(listen(settings -> settings.interrupts(interrupts)));
        peer.send(Message.json("{\"action\": \"wait\"}"));
        Await.until("it runs", () -> begun.get() == 1);
        peer.raw.reset();
        letGo(interrupts);
        assertThat(interrupted.get()).isEqualTo(interrupts);
    }

    @Test
    void aHookThatComesTooLateRunsAtOnceAndOneThatThrowsHarmsNoOther() throws Exception {
        var late = new AtomicInteger();
        Server server = listen(settings -> settings.on("late", (request, exchange) -> {
            exchange.onCancel(() -> {
                throw new IllegalStateException("by hand");
            });
            var _ = wait(exchange);
            exchange.onCancel(late::incrementAndGet);
            return request;
        }));
        Client client = bed.client(server.address());
        assertThatThrownBy(() -> client.call("late", Message.text(""), CallOptions.timeout(SHORT)))
                .isInstanceOf(TimedOutException.class);
        Await.until("it is told", () -> hooks.get() == 1);
        mayGoOn.countDown();
        Await.until("the late one has run", () -> late.get() == 1);
        assertThat(client.call("wait", Message.text("")).text()).isEmpty();
        var failures = new ArrayList<String>();
        Await.until("its failure is told", () -> failures.addAll(bed.census().takeFailures()));
        assertThat(failures).singleElement().asString().contains("by hand");
    }

    /** Hooks run on virtual threads, so the log, which leaves out some of many failures, is used from there too. */
    @Test
    void hooksThatThrowInGreatNumbersAreCountedInTheLog() throws Exception {
        int count = 80;
        var logged = new AtomicInteger();
        var warned = new CopyOnWriteArrayList<String>();
        var log = new LoopObserver() {
            @Override
            public void failed(String where, Throwable cause) {
                logged.incrementAndGet();
            }

            @Override
            public void warned(String message) {
                warned.add(message);
            }
        };
        MessagePeer peer = bed.peer(listen(settings -> settings.observer(log).on("hooked", (request, exchange) -> {
            exchange.onCancel(() -> {
                throw new IllegalStateException("by hand");
            });
            return wait(exchange);
        })));
        for (int i = 1; i <= count; i++) {
            peer.send(MessagePeer.request(i, "hooked", Message.text("")));
        }
        Await.until("all have begun", () -> begun.get() == count);
        peer.raw.reset();
        Await.until("the rest is counted", () -> !warned.isEmpty());
        assertThat(warned).anyMatch(line -> line.contains("further failures of handlers are not in the log"));
        assertThat(logged.get()).isBetween(1, count - 1);
    }

    /** An interrupt closes a file that handlers share; without an interrupt, the file stays open. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSharedFileSurvivesWithoutInterruptsAlone(boolean interrupts, @TempDir Path directory) throws Exception {
        FileChannel file = bed.keep(
                FileChannel.open(directory.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        Server server = listen(settings -> settings.interrupts(interrupts).on("write", (request, exchange) -> {
            exchange.onCancel(hooks::incrementAndGet);
            begun.incrementAndGet();
            while (mayGoOn.getCount() > 0) {
                file.write(ByteBuffer.allocate(10_000), 0);
            }
            ended.set(true);
            return request;
        }));
        Client client = bed.client(server.address());
        assertThatThrownBy(() -> client.call("write", Message.text(""), CallOptions.timeout(SHORT)))
                .isInstanceOf(TimedOutException.class);
        Await.until("it is told", () -> hooks.get() == 1);
        if (interrupts) {
            Await.until("the file is closed for all", () -> !file.isOpen());
        } else {
            mayGoOn.countDown();
            Await.until("it has ended", ended::get);
            assertThat(file.isOpen()).isTrue();
        }
    }
}
