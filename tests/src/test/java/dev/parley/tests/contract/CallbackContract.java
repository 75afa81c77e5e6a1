package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that a receiver is called for each thing that happens, once and in order, and may throw. */
class CallbackContract extends LoopContract {
    CallbackContract(Wire wire) {
        super(wire);
    }

    @Test
    void openedIsToldOnceAndFirst() throws Exception {
        Pair pair = pair();
        assertThat(pair.client().opened).hasValue(1);
        assertThat(pair.server().opened).hasValue(1);
    }

    @Test
    void theEndIsToldOnce() throws Exception {
        Pair pair = pair();
        pair.client().shutdownOutput();
        pair.server().receiveToEnd();
        pair.server().send(zeros(10));
        pair.client().receive(10);
        assertThat(pair.server().ends).hasValue(1);
    }

    @Test
    void whatIsSentWhileConnectingArrives() throws Exception {
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = newLoop().listen(wire.free(), new NewPeerEach(accepted));
        EventLoop loop = newLoop();
        loop.execute(() -> {
            LoopConnection connection = loop.connect(listener.address(), new LoopPeer());
            assertThat(connection.send(text("early "))).isTrue();
            connection.send(text("bird"));
            connection.close();
        });
        LoopPeer server = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(server).isNotNull();
        assertThat(server.receiveToEnd()).asString().isEqualTo("early bird");
    }

    /** The greeting is not read, and must not cause a reset by the system. */
    @Test
    void whatIsSentWhileConnectingArrivesAtAServerThatGreets() throws Exception {
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = newLoop().listen(wire.free(), connection -> {
            var peer = new LoopPeer();
            accepted.add(peer);
            connection.send(text("welcome"));
            return peer;
        });
        EventLoop loop = newLoop();
        for (int i = 0; i < 20; i++) {
            loop.execute(() -> {
                LoopConnection connection = loop.connect(listener.address(), new LoopPeer());
                connection.send(text("early bird"));
                connection.close();
            });
            LoopPeer server = accepted.poll(60, TimeUnit.SECONDS);
            assertThat(server).isNotNull();
            assertThat(server.receiveToEnd()).asString().isEqualTo("early bird");
        }
    }

    @Test
    void anEchoByDefaultsEndsWithItsPeer() throws Exception {
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> connection.send(bytes));
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened();
        byte[] sent = zeros(3_000_000);
        client.send(sent);
        client.shutdownOutput();
        assertThat(client.receiveToEnd()).isEqualTo(sent);
        assertThat(census.awaitClosed(client.info())).isEqualTo(CloseReason.LOCAL);
    }

    @Test
    void aReceiverThatThrowsCostsItsOwnConnectionOnly() throws Exception {
        EventLoop serverLoop = newLoop();
        Pair bystander = pair(serverLoop);
        Receiver throwing = (connection, bytes) -> {
            throw new StackOverflowError("on purpose");
        };
        LoopListener listener = serverLoop.listen(wire.free(), throwing);
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened().send(zeros(1));
        Await.until("it is closed", () -> census.closedByReason().containsKey(CloseReason.FAILED));
        assertThat(census.takeFailures()).singleElement().asString().contains("on purpose");
        bystander.client().send(zeros(5));
        bystander.server().receive(5);
    }

    @Test
    void everyCallbackMayThrow() throws Exception {
        EventLoop serverLoop = newLoop();
        Receiver throwing = new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                throw new IllegalStateException("opened");
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                throw new IllegalStateException("closed");
            }
        };
        LoopListener listener = serverLoop.listen(wire.free(), throwing);
        newLoop().connect(listener.address(), new LoopPeer());
        Await.until("both have thrown", () -> census.closedByReason().containsKey(CloseReason.FAILED));
        Pair bystander = pair(serverLoop);
        bystander.client().send(zeros(5));
        bystander.server().receive(5);
        assertThat(census.takeFailures()).hasSize(2);
    }

    @Test
    void closedIsToldOnceWithTheReason() throws Exception {
        var reasons = new CopyOnWriteArrayList<CloseReason>();
        LoopListener listener = newLoop().listen(wire.free(), new Receiver() {
            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {
                connection.close(CloseReason.PROTOCOL);
                connection.close();
                connection.reset();
            }

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                reasons.add(reason);
                assertThat(connection.closeReason()).isEqualTo(reason);
            }
        });
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened().send(zeros(1));
        client.receiveToEnd();
        Await.until("closed is told", () -> !reasons.isEmpty());
        assertThat(reasons).containsExactly(CloseReason.PROTOCOL);
    }

    @Test
    void theByteOrderThatOneReceiverSetsIsItsOwn() throws Exception {
        var orders = new CopyOnWriteArrayList<ByteOrder>();
        LoopListener listener = newLoop().listen(wire.free(), (connection, bytes) -> {
            orders.add(bytes.order());
            bytes.order(ByteOrder.LITTLE_ENDIAN);
            connection.send(bytes);
        });
        for (int i = 0; i < 2; i++) {
            var client = new LoopPeer();
            newLoop().connect(listener.address(), client);
            client.awaitOpened().send(zeros(1));
            client.receive(1);
        }
        assertThat(orders).containsExactly(ByteOrder.BIG_ENDIAN, ByteOrder.BIG_ENDIAN);
    }
}
