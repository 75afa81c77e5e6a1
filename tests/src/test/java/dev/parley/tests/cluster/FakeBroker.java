package dev.parley.tests.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A broker that speaks just enough of NATS' protocol to be connected to, and then sends what a test says. It delivers
 * nothing.
 */
public final class FakeBroker implements AutoCloseable {
    /** The broker's description of itself. */
    public static final String INFO =
            "INFO {\"server_id\":\"x\",\"version\":\"2.9.0\",\"headers\":true,\"proto\":1,\"max_payload\":1048576}\r\n";

    private final ServerSocket listener;
    private volatile String info;
    private final AtomicInteger accepted = new AtomicInteger();
    private final List<Socket> clients = new CopyOnWriteArrayList<>();

    /**
     * Starts a broker.
     *
     * @param info what it sends first
     */
    public FakeBroker(String info) throws IOException {
        this.info = info;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    /** Sets the message that it sends first to those that connect from now on. */
    void says(String newInfo) {
        info = newInfo;
    }

    /** Returns the address of a cluster at it. */
    public String cluster() {
        return "nats://127.0.0.1:" + listener.getLocalPort() + "/c";
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                clients.add(client);
                accepted.incrementAndGet();
                Thread.startVirtualThread(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var in = new BufferedReader(
                        new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1))) {
            send(client, info);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("PING")) {
                    send(client, "PONG\r\n");
                }
            }
        } catch (IOException ended) {
            clients.remove(client);
        }
    }

    /** Returns the number of connections so far. */
    int accepted() {
        return accepted.get();
    }

    /** Sends text to every client that is there. */
    void send(String text) {
        for (Socket client : clients) {
            try {
                send(client, text);
            } catch (IOException gone) {
                Thread.onSpinWait(); // its own thread forgets it
            }
        }
    }

    private static void send(Socket client, String text) throws IOException {
        synchronized (client) {
            client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            client.getOutputStream().flush();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket client : clients) {
            client.close();
        }
    }
}
