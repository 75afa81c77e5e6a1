package dev.parley.tests.load;

import dev.parley.Client;
import dev.parley.Message;
import java.util.ArrayList;

/** A program with many clients, each made in the shortest way: {@code ADDRESS COUNT}. */
final class ClientCrowd {
    private static final int CONTENT_BYTES = 10_000;

    private ClientCrowd() {}

    public static void main(String[] args) throws Exception {
        var clients = new ArrayList<Client>();
        try {
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                clients.add(Client.connect(args[0]));
            }
            int answered = 0;
            for (int round = 0; round < 3; round++) {
                for (Client client : clients) {
                    Message answer = client.call("echo", Message.binary("x", new byte[CONTENT_BYTES]));
                    answered += answer.contentLength() / CONTENT_BYTES;
                }
            }
            System.out.println("answered " + answered);
        } finally {
            clients.forEach(Client::close);
        }
    }
}
