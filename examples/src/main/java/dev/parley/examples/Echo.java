package dev.parley.examples;

import dev.parley.net.Connection;
import dev.parley.net.Listener;
import java.nio.charset.StandardCharsets;

/** Iteration 1: blocking streams, one virtual thread for each connection. */
public final class Echo {
    private Echo() {}

    /** Serves until the listener is closed. */
    static void serve(Listener listener) {
        try {
            listener.serve(connection -> connection.in().transferTo(connection.out()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends the text and returns what comes back. */
    static String ask(String address, String text) throws Exception {
        try (var connection = Connection.connect(address)) {
            connection.out().write(text.getBytes(StandardCharsets.UTF_8));
            connection.shutdownOutput(); // the server sees the end, and ends too
            return new String(connection.in().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Starts a server ({@code server [ADDRESS]}) or a client ({@code client [ADDRESS] [TEXT]}), or, without arguments,
     * both in this process.
     */
    public static void main(String[] args) throws Exception {
        String address = args.length > 1 ? args[1] : "tcp://localhost:65432";
        switch (args.length == 0 ? "both" : args[0]) {
            case "server" -> {
                try (var listener = Listener.open(address)) {
                    System.out.println("listening on " + listener.address());
                    serve(listener);
                }
            }
            case "client" -> System.out.println("received " + ask(address, args.length > 2 ? args[2] : "Hello, world"));
            default -> demonstrate();
        }
    }

    private static void demonstrate() throws Exception {
        try (var listener = Listener.open("tcp://localhost:0")) {
            Thread.ofVirtual().start(() -> serve(listener));
            System.out.println("received " + ask(listener.address().toString(), "Hello, world"));
        }
    }
}
