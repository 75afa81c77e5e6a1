package dev.parley.tests.tls;

import dev.parley.net.Address;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes the bytes of one connection on, and ends them towards the client without asking what they mean. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
    private final Socket server;
    private volatile boolean cut;
    private Socket client = new Socket();

    CuttingProxy(Address to) throws IOException {
        server = new Socket(InetAddress.ofLiteral("127.0.0.1"), ((Address.Inet) to).port());
        Thread.startVirtualThread(() -> {
            try {
                client = listener.accept();
                Thread.startVirtualThread(() -> pass(client, server));
                pass(server, client);
            } catch (IOException closed) {
                return;
            }
        });
    }

    private void pass(Socket from, Socket to) {
        var buffer = new byte[16_384];
        try {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0 && !cut; count = in.read(buffer)) {
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException closed) {
            return;
        }
    }

    Address address() {
        return Address.parse("tls://localhost:" + listener.getLocalPort());
    }

    /** Ends the direction towards the client: an end of the stream (FIN) without the end of TLS. */
    void cut() throws IOException {
        cut = true;
        client.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
        listener.close();
    }
}
