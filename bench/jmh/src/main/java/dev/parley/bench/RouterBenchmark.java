package dev.parley.bench;

import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.FrameWriter;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import java.nio.ByteBuffer;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Finding a request's handler. The router is not public, so this is a request's whole way through a server, in one
 * process and on one loop: read, routed, answered by a raw handler, written. What routing takes is the difference
 * between the kinds.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouterBenchmark {
    private static final int AT_ONCE = 16;
    private static final int TURNS = 256;

    /** The place of the action's name, or {@code default}: one handler for all, and no name is looked up. */
    @Param({"header", "content", "default"})
    public String named;

    /** The number of handlers. */
    @Param({"1", "1000"})
    public int handlers;

    private final CyclicBarrier done = new CyclicBarrier(2);
    private EventLoop loop;
    private Server server;
    private LoopConnection connection;
    private byte[] requests;
    private int answerBytes;

    // On the loop.
    private int bytesLeft;
    private int turnsLeft;

    /** Starts the server and connects to it. */
    @Setup
    public void start() throws Exception {
        loop = EventLoop.builder().transport(MemNetwork.shared()).start();
        Message answer = Message.json("{\"result\": \"Follow the white rabbit.\"}");
        answerBytes = FrameWriter.write(answer.frame()).remaining();
        ServerBuilder builder = Server.builder();
        if (named.equals("default")) {
            builder.otherwiseOnLoop(request -> answer);
        } else {
            builder.onLoop("search", request -> answer);
            for (int i = 1; i < handlers; i++) {
                builder.onLoop("search-" + i, request -> answer);
            }
        }
        server = builder.listen(loop, Address.parse("mem:bench"));
        byte[] request = Requests.frame(named.equals("header") ? ", \"action\": \"search\"" : "", Requests.SEARCH);
        requests = new byte[AT_ONCE * request.length];
        for (int i = 0; i < AT_ONCE; i++) {
            System.arraycopy(request, 0, requests, i * request.length, request.length);
        }
        connection = loop.connect("mem:bench", new Receiver() {
            @Override
            public void bytes(LoopConnection from, ByteBuffer bytes) {
                answered(bytes.remaining());
            }
        });
    }

    /** Closes both. */
    @TearDown
    public void stop() {
        server.close();
        loop.close();
    }

    /** Many requests, as many at once as a pipelining client has. */
    @Benchmark
    @OperationsPerInvocation(AT_ONCE * TURNS)
    public void request() throws InterruptedException, BrokenBarrierException {
        loop.execute(() -> {
            turnsLeft = TURNS;
            ask();
        });
        done.await();
    }

    private void ask() {
        bytesLeft = AT_ONCE * answerBytes;
        connection.send(requests);
    }

    private void answered(int bytes) {
        bytesLeft -= bytes;
        if (bytesLeft > 0) {
            return;
        }
        if (bytesLeft < 0) {
            throw new IllegalStateException("another answer came than was expected");
        }
        turnsLeft--;
        if (turnsLeft > 0) {
            ask();
            return;
        }
        try {
            done.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
