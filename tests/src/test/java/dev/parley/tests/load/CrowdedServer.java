package dev.parley.tests.load;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Transports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicInteger;

/** An echo server that reports how often accepting has failed, for a process with few descriptors. */
public final class CrowdedServer {
    private CrowdedServer() {}

    /** Takes {@code TRANSPORT}. For each word of input it prints that, the open connections, and the failures. */
    public static void main(String[] args) throws Exception {
        var failures = new AtomicInteger();
        var observer = new LoopObserver() {
            @Override
            public void acceptFailed(Address listening, IOException cause) {
                failures.incrementAndGet();
            }

            @Override
            public void failed(String where, Throwable cause) {
                System.err.println(where + ": " + cause);
            }
        };
        try (EventLoop loop = EventLoop.builder()
                        .transport(Transports.named(args[0]))
                        .observer(observer)
                        .start();
                LoopListener listener =
                        loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))) {
            System.out.println("listening on " + listener.address());
            for (String word :
                    (Iterable<String>) new Scanner(System.in, StandardCharsets.US_ASCII).tokens()::iterator) {
                System.out.println(word + " " + listener.openConnections() + " " + failures.get() + " .");
            }
        }
    }
}
