package dev.parley.cli.tour;

import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopObserver;
import dev.parley.net.transport.SocketOptions;
import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records the events of the loops. After the run, it matches the two ends of each connection. Several threads report
 * events; the monitor of this object guards its whole state.
 */
public final class Recording implements LoopObserver {
    private record Raw(
            Side side, Call call, @Nullable ConnectionInfo connection, String detail, String state, Payload payload) {}

    private final List<Raw> raws = new ArrayList<>();
    private final Map<Long, ByteArrayOutputStream> sentBytes = new HashMap<>();
    private final Map<Long, String> states = new HashMap<>();
    private final List<String> troubles = new ArrayList<>();
    private int open;
    private int closed;

    /** Makes an empty recording. */
    public Recording() {}

    private static Side side(ConnectionInfo connection) {
        return connection.accepted() ? Side.SERVER : Side.CLIENT;
    }

    private void add(ConnectionInfo connection, Call call, String detail) {
        add(connection, call, detail, Payload.NONE);
    }

    private synchronized void add(ConnectionInfo connection, Call call, String detail, Payload payload) {
        raws.add(new Raw(side(connection), call, connection, detail, stateAfter(call, connection.id()), payload));
        notifyAll();
    }

    private synchronized void addListening(Call call, String detail) {
        raws.add(new Raw(Side.SERVER, call, null, detail, "", Payload.NONE));
    }

    /**
     * Returns the state of a connection after a call, as in TCP. Each direction ends separately. When both have ended,
     * only the close is missing.
     */
    private String stateAfter(Call call, long connection) {
        String state =
                switch (call) {
                    case CONNECT -> "connecting";
                    case CONNECTED, ACCEPT -> "open";
                    case SHUTDOWN, END ->
                        states.getOrDefault(connection, "").equals("half-closed") ? "closing" : "half-closed";
                    case CLOSE -> "closed";
                    default -> states.getOrDefault(connection, "");
                };
        states.put(connection, state);
        return state;
    }

    @Override
    public void bound(Address address, SocketOptions options) {
        addListening(Call.BIND, address.toString());
    }

    @Override
    public void listening(Address address, SocketOptions options) {
        addListening(Call.LISTEN, "backlog " + options.backlogConnections());
    }

    @Override
    public void stoppedListening(Address address) {
        addListening(Call.STOP, "");
    }

    @Override
    public synchronized void accepted(Address listening, ConnectionInfo connection) {
        open++;
        add(connection, Call.ACCEPT, connection.peerAddress().toString());
    }

    @Override
    public synchronized void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        open++;
        add(connection, Call.CONNECT, Address.of(endpoint).toString());
    }

    @Override
    public void connected(ConnectionInfo connection) {
        add(connection, Call.CONNECTED, connection.localAddress().toString());
    }

    @Override
    public synchronized void sent(ConnectionInfo connection, ByteBuffer bytes) {
        var copy = copy(bytes);
        sentBytes
                .computeIfAbsent(connection.id(), id -> new ByteArrayOutputStream())
                .writeBytes(copy);
        add(
                connection,
                Call.SEND,
                "",
                Payload.of(copy, connection.accepted() ? Direction.RESPONSE : Direction.REQUEST));
    }

    @Override
    public void received(ConnectionInfo connection, ByteBuffer bytes) {
        Direction direction = connection.accepted() ? Direction.REQUEST : Direction.RESPONSE;
        add(connection, Call.RECEIVE, "", Payload.of(copy(bytes), direction));
    }

    private static byte[] copy(ByteBuffer bytes) {
        var copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return copy;
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        add(connection, Call.END, "");
    }

    @Override
    public void outputEnded(ConnectionInfo connection) {
        add(connection, Call.SHUTDOWN, "");
    }

    @Override
    public synchronized void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        closed++;
        add(connection, Call.CLOSE, "(" + reason + ")");
    }

    @Override
    public synchronized void failed(String where, Throwable cause) {
        troubles.add(where + ": " + cause);
    }

    /** Returns the failures that are not those of a connection. In a good run, there are none. */
    public synchronized List<String> troubles() {
        return List.copyOf(troubles);
    }

    /** Waits until every connection that began is closed. Returns false if this takes longer than the given time. */
    public synchronized boolean awaitAllClosed(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (closed < open) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(Math.max(1, left / 1_000_000));
        }
        return true;
    }

    /** Returns all bytes that the client of this connection sent. */
    public byte[] sentByClient(int connection) {
        return sentBy(Side.CLIENT, connection);
    }

    /** Returns all bytes that the server of this connection sent. */
    public byte[] sentByServer(int connection) {
        return sentBy(Side.SERVER, connection);
    }

    private synchronized byte[] sentBy(Side side, int connection) {
        Map<Address, Integer> numbers = numbers();
        for (Raw raw : raws) {
            if (raw.connection != null
                    && raw.side == side
                    && (raw.call == Call.CONNECTED || raw.call == Call.ACCEPT)
                    && numberOf(raw.connection, numbers) == connection) {
                ByteArrayOutputStream sent = sentBytes.get(raw.connection.id());
                return sent == null ? new byte[0] : sent.toByteArray();
            }
        }
        return new byte[0];
    }

    /**
     * Returns the number of a connection. Its two ends have the same number, since they are matched by the client's
     * address.
     */
    private static int numberOf(@Nullable ConnectionInfo connection, Map<Address, Integer> numbers) {
        if (connection == null) {
            return 0;
        }
        Address client = connection.accepted() ? connection.peerAddress() : connection.localAddress();
        return numbers.getOrDefault(client, 0);
    }

    private Map<Address, Integer> numbers() {
        var numbers = new LinkedHashMap<Address, Integer>();
        for (Raw raw : raws) {
            if (raw.connection != null && !raw.connection.accepted()) {
                numbers.putIfAbsent(raw.connection.localAddress(), numbers.size() + 1);
            }
        }
        return numbers;
    }

    /**
     * Returns the events in a possible order. The order of each thread's events is kept. No bytes are received before
     * they were sent, even if the thread that received them reported this first.
     */
    public synchronized List<Step> steps() {
        Map<Address, Integer> numbers = numbers();
        var steps = new ArrayList<Step>();
        for (Raw raw : raws) {
            int number = numberOf(raw.connection, numbers);
            steps.add(new Step(raw.side, raw.call, number, raw.detail, raw.state, raw.payload));
        }
        return inOrder(steps);
    }

    /** Returns steps that several threads reported in an order that is possible. */
    public static List<Step> inOrder(List<Step> reported) {
        return CausalOrder.of(reported);
    }
}
