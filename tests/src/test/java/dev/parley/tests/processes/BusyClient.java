package dev.parley.tests.processes;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.net.Address;
import java.io.InputStream;
import java.util.ArrayList;

/** A client in the middle of everything, over several connections, for a process that is killed. */
public final class BusyClient {
    static final int CONNECTIONS = 10;
    static final int CALLS = 20;

    /** The work that each connection has under way: calls that wait, a stream each way, and an upload. */
    static final int WORKS = CALLS + 3;

    static final Action<Message, Message> READ = Action.of("read", Message.class, Message.class);
    static final Action<Message, Message> TALK = Action.of("talk", Message.class, Message.class);
    static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);

    private BusyClient() {}

    /** Takes {@code ADDRESS}, that of the server. Runs until it is killed. */
    public static void main(String[] args) throws Exception {
        Address server = Address.parse(args[0]);
        var clients = new ArrayList<Client>(); // clients that are not reachable may be collected
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(Client.builder(server).connect());
        }
        for (Client client : clients) {
            for (int i = 0; i < CALLS; i++) {
                var _ = client.callAsync("wait", Message.text(""), CallOptions.DEFAULT.withoutTimeout());
            }
            Thread.startVirtualThread(() -> read(client));
            Thread.startVirtualThread(() -> talk(client));
            Thread.startVirtualThread(() -> upload(client));
        }
        Thread.currentThread().join();
    }

    private static void read(Client client) {
        try (InStream<Message> endless = client.stream(READ, Message.text(""))) {
            endless.forEach(piece -> {});
        }
    }

    private static void talk(Client client) {
        try (Duplex<Message, Message> both = client.duplex(TALK)) {
            while (true) {
                both.send(Message.text("x"));
                both.receive();
            }
        } catch (Exception lost) {
            System.err.println(lost);
        }
    }

    private static void upload(Client client) {
        try {
            client.upload(UPLOAD, new Endless());
        } catch (Exception lost) {
            System.err.println(lost);
        }
    }

    /** Content without an end. */
    static final class Endless extends InputStream {
        @Override
        public int read() {
            return 0;
        }

        @Override
        public int read(byte[] into, int from, int count) {
            return count;
        }
    }
}
