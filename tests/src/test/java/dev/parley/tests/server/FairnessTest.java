package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.ApplicationException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests many small requests at once for large answers, or for failures: a client that asks for little waits for a few
 * of them.
 */
@Timeout(300)
class FairnessTest {
    private static final int GREEDY = 8;
    private static final int ASKED = 20;
    private static final Message BIG = Message.binary("x", new byte[64 * 1024]);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Semaphore mayGoOn = new Semaphore(0);
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final CompletableFuture<Integer> answeredBefore = new CompletableFuture<>();

    private EventLoop loop(String transport) {
        EventLoop loop = bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
        return loop;
    }

    private Address listen(EventLoop loop) throws Exception {
        Server server = bed.server()
                .onLoop("hold", request -> {
                    held.incrementAndGet();
                    mayGoOn.acquireUninterruptibly();
                    return request;
                })
                .onLoop("big", request -> {
                    answered.incrementAndGet();
                    return BIG;
                })
                .on("away", request -> request)
                .onLoop("count", request -> {
                    answered.incrementAndGet();
                    return request;
                })
                .onLoop("fail", request -> {
                    answered.incrementAndGet();
                    throw new ApplicationException("because", "it was asked to");
                })
                .onLoop("small", request -> {
                    answeredBefore.complete(answered.get());
                    return request;
                })
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
        bed.keep(server);
        return server.address();
    }

    private MessagePeer peer(Address address) throws Exception {
        MessagePeer peer = MessagePeer.connect(address);
        bed.keep(peer);
        peer.send(request(1, "nobody", Message.text(""))).receive(); // so it has been accepted
        return peer;
    }

    @AfterEach
    void letGo() {
        mayGoOn.release(1_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whoAsksForLittleIsNotKeptWaitingByWhoAsksForMuch(String transport) throws Exception {
        assertThat(answeredBeforeTheModestOne(transport, asking("big", ASKED))).isLessThanOrEqualTo(2 * GREEDY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void norByWhoAsksForWhatFails(String transport) throws Exception {
        assertThat(answeredBeforeTheModestOne(transport, asking("fail", ASKED))).isLessThanOrEqualTo(4 * GREEDY);
    }

    /**
     * A ping before each request is not a flood, as something comes between, and it makes its connection's turn a short
     * one.
     */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void norByWhoSendsControls(String transport) throws Exception {
        var pingsAndRequests = new ArrayList<Message>();
        for (Message each : asking("count", 3 * ASKED)) {
            pingsAndRequests.add(ControlFrames.of(ControlFrames.PING, Header.NO_ID));
            pingsAndRequests.add(each);
        }
        assertThat(answeredBeforeTheModestOne(transport, pingsAndRequests)).isLessThanOrEqualTo(2 * 16 * GREEDY);
    }

    /** Such requests get no answer, and so nothing that would make their sender wait. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void norByWhoAsksOneWayForWhatIsNotThere(String transport) throws Exception {
        var oneWayAndRequests = new ArrayList<Message>();
        for (Message each : asking("count", 3 * ASKED)) {
            oneWayAndRequests.add(request(1_000 + each.header().id(), "nobody", Message.text(""))
                    .with(Header.REPLY, false));
            oneWayAndRequests.add(each);
        }
        assertThat(answeredBeforeTheModestOne(transport, oneWayAndRequests)).isLessThanOrEqualTo(2 * 16 * GREEDY);
    }

    /** A response that comes back from a virtual thread gives no turn to a connection that waits for its own. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void norWhereResponsesComeBackMeanwhile(String transport) throws Exception {
        EventLoop loop = loop(transport);
        Address address = listen(loop);
        var greedy = new ArrayList<MessagePeer>();
        for (int i = 0; i < GREEDY; i++) {
            greedy.add(peer(address));
        }
        var flood = new ByteArrayOutputStream();
        for (int id = 2; id < 2 + 4 * ASKED; id += 2) {
            flood.writeBytes(MessagePeer.bytes(request(id, "away", Message.text(""))));
            flood.writeBytes(MessagePeer.bytes(request(id + 1, "fail", Message.text(""))));
        }
        var most = new AtomicInteger();
        loop.execute(
                mayGoOn::acquireUninterruptibly); // one that comes late would have its first turn beside a later one
        loop.execute(() -> watchTurns(loop, answered.get(), most));
        for (MessagePeer each : greedy) {
            each.raw.send(flood.toByteArray());
        }
        mayGoOn.release();
        for (MessagePeer each : greedy) {
            for (int i = 0; i < 4 * ASKED; i++) {
                each.receive();
            }
        }
        assertThat(answered).hasValue(2 * ASKED * GREEDY);
        assertThat(most.get()).isLessThanOrEqualTo(2 * GREEDY);
    }

    /**
     * Runs once in each turn of the loop, and holds the turn until the work on other threads has had time to come back.
     */
    private void watchTurns(EventLoop loop, int answeredBefore, AtomicInteger most) {
        int now = answered.get();
        most.accumulateAndGet(now - answeredBefore, Math::max);
        long untilNanos = System.nanoTime() + 2_000_000;
        while (System.nanoTime() < untilNanos) {
            Thread.onSpinWait();
        }
        if (now < 2 * ASKED * GREEDY) {
            loop.tryExecute(() -> watchTurns(loop, now, most));
        }
    }

    private static List<Message> answered(List<Message> sent) {
        return sent.stream()
                .filter(each -> !Boolean.FALSE.equals(each.header().others().get(Header.REPLY)))
                .toList();
    }

    private static List<Message> asking(String action, int count) {
        var requests = new ArrayList<Message>();
        for (int id = 2; id < 2 + count; id++) {
            requests.add(request(id, action, Message.text("")));
        }
        return requests;
    }

    private int answeredBeforeTheModestOne(String transport, List<Message> flood) throws Exception {
        Address address = listen(loop(transport));
        MessagePeer holding = peer(address);
        var greedy = new ArrayList<MessagePeer>();
        for (int i = 0; i < GREEDY; i++) {
            greedy.add(peer(address));
        }
        MessagePeer modest = peer(address);
        holding.send(request(2, "hold", Message.text("")));
        Await.until("the loop is held", () -> held.get() == 1);
        var much = new ByteArrayOutputStream();
        for (Message each : flood) {
            much.writeBytes(MessagePeer.bytes(each));
        }
        for (MessagePeer each : greedy) {
            each.raw.send(much.toByteArray());
        }
        modest.send(request(2, "small", Message.text("")));
        mayGoOn.release();
        assertThat(modest.receive().header().id()).isEqualTo(2);
        for (MessagePeer each : greedy) {
            for (Message asked : answered(flood)) {
                assertThat(each.receive().header().id())
                        .isEqualTo(asked.header().id());
            }
        }
        return answeredBefore.join();
    }
}
