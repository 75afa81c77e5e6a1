package dev.parley.tests.processes;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A number of connections, each of which is in the middle of something: calls, calls that take their time, uploads,
 * streams both ways. Each counts its rounds, and ends with the first thing that goes wrong.
 */
final class ManyClients implements AutoCloseable {
    static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);
    static final Action<Message, Message> TALK = Action.of("talk", Message.class, Message.class);

    private static final int UPLOAD_BYTES = 100_000;

    /** The pause of each client: with thousands of them, no core has more to do than it can. */
    private static final Duration THINKING = Duration.ofMillis(500);

    private final EventLoop loop;
    private final List<Client> clients = new ArrayList<>();
    private final AtomicInteger[] rounds;
    private final Map<Integer, String> lost = new ConcurrentHashMap<>();
    private final CountDownLatch ended;
    private volatile boolean stopping;

    /** Connects one after the other, each of which begins at once. */
    ManyClients(EventLoop loop, List<Address> servers, int connections, MessageLimits limits) throws IOException {
        this.loop = loop;
        rounds = new AtomicInteger[connections];
        Arrays.setAll(rounds, i -> new AtomicInteger());
        ended = new CountDownLatch(connections);
        for (int i = 0; i < connections; i++) {
            Client client = Client.builder(servers.get(i % servers.size()))
                    .loop(loop)
                    .limits(limits)
                    .retries(false)
                    .connect();
            clients.add(client);
            int number = i;
            Thread.startVirtualThread(() -> live(number, client));
        }
    }

    private void live(int number, Client client) {
        try {
            switch (number % 4) {
                case 0 ->
                    rounds(number, () -> client.call("echo", Message.text("x"), CallOptions.DEFAULT.withoutTimeout()));
                case 1 ->
                    rounds(number, () -> client.call("slow", Message.text("x"), CallOptions.DEFAULT.withoutTimeout()));
                case 2 -> rounds(number, () -> upload(client));
                default -> talk(number, client);
            }
        } catch (IOException | UncheckedIOException e) {
            lost.put(number, String.valueOf(e.getMessage()));
        } finally {
            ended.countDown();
        }
    }

    /** An action that a client does again and again. */
    private interface Round {
        void go() throws IOException;
    }

    private void rounds(int number, Round round) throws IOException {
        while (!stopping) {
            round.go();
            rounds[number].incrementAndGet();
            LockSupport.parkNanos(THINKING.toNanos());
        }
    }

    private static void upload(Client client) throws IOException {
        client.upload(UPLOAD, new ByteArrayInputStream(new byte[UPLOAD_BYTES]));
    }

    private void talk(int number, Client client) throws IOException {
        try (Duplex<Message, Message> both = client.duplex(TALK)) {
            rounds(number, () -> {
                both.send(Message.text("x"));
                both.receive();
            });
        }
    }

    int[] roundsOfAll() {
        return Arrays.stream(rounds).mapToInt(AtomicInteger::get).toArray();
    }

    /** Returns whether each has come further since. */
    boolean wentOn(int[] since) {
        int[] now = roundsOfAll();
        for (int i = 0; i < now.length; i++) {
            if (now[i] <= since[i] && !lost.containsKey(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the problems, by the number of the client. */
    Map<Integer, String> lost() {
        return lost;
    }

    @Override
    public void close() {
        stopping = true;
        clients.forEach(Client::close); // what is still under way fails
        Await.until("all have ended", () -> ended.getCount() == 0);
        loop.close();
    }
}
