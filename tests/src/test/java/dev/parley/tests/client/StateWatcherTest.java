package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that an observer of a client's state may close the client, or make a call, inside the method that reports the
 * state.
 */
@Timeout(120)
class StateWatcherTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<ClientState> states = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Client> made = new CompletableFuture<>();

    /** The bed fails the test if a connection is left. */
    @ParameterizedTest
    @EnumSource(names = {"CONNECTING", "READY", "DRAINING"})
    void itMayCloseTheClient(ClientState state) throws Exception {
        var connections = new AtomicInteger();
        Address address = bed.keep(ScriptedServer.start((peer, connection) -> {
                    connections.incrementAndGet();
                    Message request = peer.receive();
                    peer.send(ScriptedServer.control("going-away", 0));
                    peer.send(ScriptedServer.answer(request, ""));
                    peer.raw.receiveToEndOrReset();
                }))
                .address();
        var loop = bed.newLoop();
        loop.execute(made::join); // the client is not made before that
        Client client = bed.keep(Client.builder(address, address)
                .connections(2)
                .loop(loop)
                .onState(change -> {
                    states.add(change.state());
                    if (change.state() == state) {
                        made.join().close();
                    }
                })
                .start());
        var _ = client.callAsync("x", Message.text("x"), CallOptions.DEFAULT);
        made.complete(client);
        Await.until("the close is reported", () -> states.contains(ClientState.CLOSED));
        assertThat(states).last().isEqualTo(ClientState.CLOSED);
        Await.until("no connection is left", () -> bed.census().open() == 0);
        var passed = new CompletableFuture<Void>();
        loop.execute(() -> passed.complete(null));
        passed.join();
        assertThat(bed.census().open()).isZero();
        assertThat(connections.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void itMayCallWithoutASecondConnection() throws Exception {
        Server server = bed.listen(bed.server().otherwise(request -> request));
        var loop = bed.newLoop();
        loop.execute(made::join);
        var answer = new CompletableFuture<Message>();
        Client client = bed.keep(Client.builder(server.address())
                .loop(loop)
                .onState(change -> {
                    if (change.state() == ClientState.CONNECTING) {
                        made.join()
                                .callAsync(Message.text("x"), CallOptions.DEFAULT)
                                .thenAccept(answer::complete);
                    }
                })
                .start());
        made.complete(client);
        assertThat(answer.get().text()).isEqualTo("x");
        assertThat(server.openConnections()).isEqualTo(1);
    }

    @Test
    void itHearsThatAPlainClientIsClosedOnce() throws Exception {
        Server server = bed.listen(bed.server().otherwise(request -> request));
        Client client = bed.keep(Client.builder(server.address())
                .plain(true)
                .loop(bed.newLoop())
                .onState(change -> {
                    states.add(change.state());
                    throw new IllegalStateException("the watcher's own");
                })
                .start());
        client.close();
        client.close();
        Await.until("it is told", () -> !states.isEmpty());
        assertThat(Await.within(Duration.ofMillis(20), () -> states.size() > 1)).isFalse();
        assertThat(states).containsExactly(ClientState.CLOSED);
    }
}
