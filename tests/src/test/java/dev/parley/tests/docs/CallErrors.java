package dev.parley.tests.docs;

import dev.parley.ApplicationException;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Listener;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.docs.ErrorsPageTest.Situation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Causes the errors of calls, handlers, connections, loops, and the command line. */
final class CallErrors {
    private static final Message QUESTION = Message.json("{\"value\": \"morpheus\"}");
    private static final int CALLS_THAT_WAIT_MAX = 10_000;

    private CallErrors() {}

    static void addTo(Map<String, Situation> all) {
        all.put("A handler throws", CallErrors::handlerThrows);
        all.put("A handler refuses", CallErrors::handlerRefuses);
        all.put("A handler is too slow, seen by the client", CallErrors::tooSlowForTheClient);
        all.put("A handler is too slow, seen on the wire", CallErrors::tooSlowOnTheWire);
        all.put("The server stops while a call waits", CallErrors::serverStops);
        all.put("The peer aborts the connection", CallErrors::reset);
        all.put("The connection is idle for too long", CallErrors::idle);
        all.put("Too many connections", CallErrors::tooManyConnections);
        all.put("Too many calls at once", CallErrors::tooManyCalls);
        all.put("A peer that does not read", CallErrors::queueFull);
        all.put("A call after close", CallErrors::callAfterClose);
        all.put("A send after shutdownOutput", CallErrors::sendAfterShutdown);
        all.put("A connection of a loop, used by another thread", CallErrors::otherThread);
        all.put("A blocking call on a loop", CallErrors::blockingCall);
        all.put("A handler that blocks the loop", CallErrors::heldLoop);
        all.put("A command, an option or an argument that does not exist", CallErrors::commandLine);
    }

    private static void handlerThrows(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.on("search", request -> {
            throw new IllegalStateException("the database is not there");
        }));
        Client client = stage.client(server);
        stage.thrown(() -> client.call("search", QUESTION));
        stage.logged(1);
    }

    private static void handlerRefuses(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.on("buy", request -> {
            throw new ApplicationException("sold-out", "there is no more of it");
        }));
        Client client = stage.client(server);
        stage.thrown(() -> client.call("buy", QUESTION));
    }

    private static Server slow(ErrorStage stage, CountDownLatch end) throws IOException {
        stage.keep(end::countDown);
        return stage.server(handlers -> handlers.on("search", request -> {
            end.await();
            return request;
        }));
    }

    private static void tooSlowForTheClient(ErrorStage stage) throws IOException {
        Server server = slow(stage, new CountDownLatch(1));
        Client client = stage.client(server);
        stage.thrown(() -> client.call("search", QUESTION, CallOptions.timeout(Duration.ofMillis(100))));
        stage.command("call", server.address().toString(), "search", "--timeout", "100ms");
    }

    private static void tooSlowOnTheWire(ErrorStage stage) throws IOException {
        MessagePeer peer = stage.peer(slow(stage, new CountDownLatch(1)));
        peer.send(MessagePeer.request(1, "search", QUESTION).with(Header.TIMEOUT_MS, 100));
        stage.answered(peer.receive());
    }

    private static void serverStops(ErrorStage stage) throws Exception {
        var end = new CountDownLatch(1);
        Server server = slow(stage, end);
        Client client = stage.client(server);
        var call = client.callAsync("search", QUESTION, CallOptions.timeout(Duration.ofSeconds(20)))
                .toCompletableFuture();
        Await.until("the request has come", () -> server.requests() == 1);
        server.close();
        stage.thrown(() -> result(call));
        stage.says("outcome " + outcome(call));
    }

    private static Message result(CompletableFuture<Message> call) throws Exception {
        try {
            return call.get();
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    private static CallException.Outcome outcome(CompletableFuture<Message> call) {
        return ((CallException) call.exceptionNow()).outcome();
    }

    private static void reset(ErrorStage stage) throws IOException {
        ServerSocketChannel rude = stage.keep(RawPeer.listen());
        Address address = stage.knows(RawPeer.addressOf(rude));
        Connection connection = stage.keep(Connection.connect(stage.loop(Limits.DEFAULT), address));
        RawPeer.accept(rude).reset();
        stage.thrown(() -> connection.in().read());
    }

    private static void idle(ErrorStage stage) throws IOException {
        Listener silent = stage.keep(Listener.open("tcp://127.0.0.1:0"));
        EventLoop loop = stage.loop(Limits.DEFAULT.withIdleTimeout(Duration.ofMillis(100)));
        Connection connection = stage.keep(Connection.connect(loop, stage.knows(silent.address())));
        stage.thrown(() -> connection.in().read());
        stage.command("echo", "client", silent.address().toString(), "Hello, world", "--timeout", "100ms");
    }

    private static void tooManyConnections(ErrorStage stage) throws IOException {
        Server server = stage.server(
                Limits.DEFAULT.withConnectionsMax(1), handlers -> handlers.on("search", request -> request));
        stage.client(server).call("search", QUESTION);
        stage.thrown(() -> stage.keep(Client.connect(server.address())));
        stage.logged(1);
    }

    /** The calls under way come first: a client that still connects would take them from those that wait. */
    private static void tooManyCalls(ErrorStage stage) throws IOException {
        Server server = slow(stage, new CountDownLatch(1));
        Client client = stage.client(server);
        int underWay = MessageLimits.DEFAULT.inFlightMax();
        callOften(client, underWay);
        Await.until("as many as may be are under way", () -> server.requests() == underWay);
        callOften(client, CALLS_THAT_WAIT_MAX);
        stage.thrown(() -> client.call("search", QUESTION));
    }

    private static void callOften(Client client, int times) {
        for (int i = 0; i < times; i++) {
            var _ = client.callAsync("search", QUESTION, CallOptions.timeout(Duration.ofMinutes(2)));
        }
    }

    private static void queueFull(ErrorStage stage) throws IOException {
        EventLoop loop = stage.loop(Limits.DEFAULT.withQueuedBytes(1_000, 100_000));
        ServerSocketChannel silent = stage.keep(RawPeer.listen());
        var closed = new CompletableFuture<String>();
        loop.connect(stage.knows(RawPeer.addressOf(silent)), new Receiver() {
            @Override
            public void opened(LoopConnection connection) {
                for (int i = 0; i < 1_000 && connection.closeReason() == null; i++) {
                    connection.send(new byte[100_000]); // what it answers is not looked at, and that is the mistake
                }
            }

            @Override
            public void bytes(LoopConnection connection, ByteBuffer bytes) {}

            @Override
            public void closed(LoopConnection connection, CloseReason reason) {
                closed.complete("closed (" + reason + "): " + connection.closeText());
            }
        });
        stage.keep(RawPeer.accept(silent));
        stage.says(closed.join());
    }

    private static void callAfterClose(ErrorStage stage) throws IOException {
        Server server = stage.server(handlers -> handlers.on("search", request -> request));
        Client client = stage.client(server);
        client.close();
        stage.thrown(() -> client.call("search", QUESTION));
    }

    private static void sendAfterShutdown(ErrorStage stage) throws Exception {
        EventLoop loop = stage.loop(Limits.DEFAULT);
        Listener listener = stage.keep(Listener.open("tcp://127.0.0.1:0"));
        var thrown = new CompletableFuture<Exception>();
        LoopConnection connection = loop.connect(stage.knows(listener.address()), (from, bytes) -> {});
        loop.execute(() -> {
            connection.shutdownOutput();
            thrown.complete(thrownBy(() -> connection.send(new byte[1])));
        });
        stage.thrown(() -> {
            throw thrown.get(60, TimeUnit.SECONDS);
        });
    }

    private static Exception thrownBy(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            return e;
        }
        return new Exception("nothing was thrown");
    }

    private static void otherThread(ErrorStage stage) throws IOException {
        EventLoop loop = stage.loop(Limits.DEFAULT);
        Listener listener = stage.keep(Listener.open("tcp://127.0.0.1:0"));
        LoopConnection connection = loop.connect(stage.knows(listener.address()), (from, bytes) -> {});
        stage.thrown(() -> connection.send(new byte[1]));
    }

    private static void blockingCall(ErrorStage stage) throws IOException {
        Server other = stage.server(handlers -> handlers.on("search", request -> request));
        Client toOther = stage.client(other);
        Server server = stage.server(handlers -> handlers.onLoop("relay", request -> toOther.call("search", request)));
        stage.thrown(() -> stage.client(server).call("relay", QUESTION));
        stage.logged(1);
        EventLoop loop = stage.loop(Limits.DEFAULT);
        var thrown = new CompletableFuture<Exception>();
        loop.execute(() -> thrown.complete(thrownBy(() -> connect(loop, other.address()))));
        stage.thrown(() -> {
            throw thrown.get(60, TimeUnit.SECONDS);
        });
    }

    /** The time is the test's: the loop is checked whenever it moves. */
    private static void heldLoop(ErrorStage stage) throws Exception {
        var ticker = new ManualTicker();
        var held = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        EventLoop loop = stage.keep(EventLoop.builder()
                .daemon(true)
                .name("parley-loop-1")
                .ticker(ticker)
                .observer(stage.log)
                .start());
        stage.keep(end::countDown);
        Server server = Server.builder()
                .onLoop("search", request -> {
                    held.countDown();
                    end.await();
                    return request;
                })
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
        MessagePeer peer = stage.peer(server);
        peer.send(MessagePeer.request(1, "search", QUESTION));
        held.await();
        ticker.advance(Duration.ofMillis(1));
        Await.until("the handler waits", () -> {
            ticker.advance(Duration.ofMillis(150));
            return stage.hasLogged();
        });
        stage.logged(1);
    }

    private static void connect(EventLoop loop, Address address) {
        try {
            Connection.connect(loop, address).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void commandLine(ErrorStage stage) {
        stage.command("ap", "server");
        stage.command("app", "serve");
        stage.command("app", "server", "--prot", "65432");
        stage.command("app", "client", "tcp://localhost:65432", "search");
        stage.command("echo", "server", "tcp://localhost:65432", "65433");
        stage.command("multi", "client", "--connections", "many");
    }
}
