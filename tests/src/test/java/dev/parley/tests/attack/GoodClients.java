package dev.parley.tests.attack;

import dev.parley.net.Address;
import dev.parley.testkit.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask at a fixed pace whether or not answers come, as people do. An answer's time counts from when its
 * request was meant to be sent, so a server that stalls is charged for those that had to wait for their turn as well.
 */
final class GoodClients implements AutoCloseable {
    private static final int CLIENTS = 200;
    private static final long APART_NANOS = 1_000_000_000L / 2_000;
    private static final int CONTENT_BYTES = 256;
    static final String CREDENTIALS = "Bearer good";

    private static final int REQUESTS_MAX = 1_000_000;

    /** Ids of one length, so that every request is as long. */
    private static final long FIRST_ID = 1_000_000_000L;

    private final Selector selector = Selector.open();
    private final List<SocketChannel> sockets = new ArrayList<>();
    private final AtomicLongArray tookNanos = new AtomicLongArray(REQUESTS_MAX);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final CountDownLatch harmed = new CountDownLatch(1);
    private final ByteBuffer request = ByteBuffer.wrap(requestBytes());
    private final int idAt = new String(request.array(), StandardCharsets.US_ASCII).indexOf(String.valueOf(FIRST_ID));
    private final List<Thread> threads = new ArrayList<>();
    private volatile long startNanos;
    private volatile boolean over;

    /** Starts clients that all show credentials with each request, whether or not they are asked for. */
    GoodClients(Address.Tcp address) throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            SocketChannel socket = SocketChannel.open(new InetSocketAddress(address.host(), address.port()));
            sockets.add(socket);
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ, new Replies(this::reply));
        }
        startNanos = System.nanoTime();
        threads.add(Thread.ofPlatform().name("good-read").start(this::read));
        threads.add(Thread.ofPlatform().name("good-send").start(this::send));
    }

    private static byte[] requestBytes() {
        String content = "{\"value\": \"" + "v".repeat(CONTENT_BYTES - "{\"value\": \"\"}".length()) + "\"}";
        return RawFrame.of(
                "\"id\": " + FIRST_ID + ", \"action\": \"echo\", \"authorization\": \"" + CREDENTIALS + "\"",
                content.getBytes(StandardCharsets.US_ASCII));
    }

    private long intendedNanos(long number) {
        return startNanos + number * APART_NANOS;
    }

    private void send() {
        try {
            for (int number = 0; !over && number < REQUESTS_MAX; number++) {
                for (long left = left(number); left > 0; left = left(number)) {
                    LockSupport.parkNanos(left);
                }
                send(number);
            }
        } catch (IOException e) {
            failed("sending: " + e);
        }
    }

    private long left(int number) {
        return intendedNanos(number) - System.nanoTime();
    }

    private void send(int number) throws IOException {
        byte[] id = String.valueOf(FIRST_ID + number).getBytes(StandardCharsets.US_ASCII);
        request.clear().put(idAt, id);
        sent.incrementAndGet();
        sockets.get(number % CLIENTS).write(request);
        if (request.hasRemaining()) {
            throw new IOException("the server has not read for so long that there is no room for a request");
        }
    }

    private void read() {
        ByteBuffer into = ByteBuffer.allocateDirect(64 * 1024);
        try {
            while (!over) {
                selector.select(key -> read(key, into));
            }
        } catch (IOException e) {
            failed("reading: " + e);
        }
    }

    private void read(SelectionKey key, ByteBuffer into) {
        try {
            int count = ((SocketChannel) key.channel()).read(into.clear());
            if (count < 0) {
                key.cancel();
                failed("a connection was closed");
            } else {
                ((Replies) key.attachment()).take(into.flip());
            }
        } catch (IOException e) {
            key.cancel();
            failed(e.toString());
        }
    }

    private void reply(long id, String status, long contentBytes) {
        int number = (int) (id - FIRST_ID);
        if (!status.equals(Replies.OK) || contentBytes < CONTENT_BYTES || number < 0 || number >= sent.get()) {
            failed("an answer with the status " + status + ", the id " + id + ", " + contentBytes + " bytes");
        } else if (tookNanos.getAndSet(number, System.nanoTime() - intendedNanos(number)) != 0) {
            failed("answered twice");
        } else {
            answered.incrementAndGet();
        }
    }

    private void failed(String why) {
        if (!over) {
            errors.add(why);
            harmed.countDown();
        }
    }

    /** Returns the problems; a server that keeps its promises has none. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    /** Returns how many requests were sent by now, to begin a period. */
    int sent() {
        return (int) sent.get();
    }

    /** Returns the times of the requests since then; waits for the answers to all of them. */
    Latencies since(int first) {
        int end = sent();
        Await.until("all requests of good clients are answered", () -> isAnswered(first, end) || !errors.isEmpty());
        var nanos = new long[end - first];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = tookNanos.get(first + i);
        }
        return Latencies.of(nanos);
    }

    private boolean isAnswered(int first, int end) {
        for (int number = first; number < end; number++) {
            if (tookNanos.get(number) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns the times of the requests that are sent during a period that begins now. */
    Latencies during(Duration time) throws InterruptedException {
        int first = sent();
        if (harmed.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("good clients were harmed: " + errors());
        }
        return since(first);
    }

    @Override
    public void close() throws IOException {
        over = true;
        selector.wakeup();
        Await.until("good clients have ended", () -> threads.stream().noneMatch(Thread::isAlive));
        for (SocketChannel socket : sockets) {
            socket.close();
        }
        selector.close();
    }
}
