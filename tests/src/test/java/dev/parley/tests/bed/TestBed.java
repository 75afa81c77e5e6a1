package dev.parley.tests.bed;

import dev.parley.Client;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The loops, servers, clients and peers of one test, and the census that counts them. After the test and its {@code
 * @AfterEach} methods, the bed closes all that it opened or was given to keep, the last one first, and asserts that
 * nothing is left: no connection, no buffer, no thread, no descriptor, and no failure that the test has not taken.
 *
 * <p>A test class has one in a field with {@code @RegisterExtension}. Several threads may use it.
 */
public final class TestBed implements AfterEachCallback {
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");

    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private final List<AutoCloseable> kept = new CopyOnWriteArrayList<>();
    private final boolean isInManualTime;
    private @Nullable EventLoop loop;

    private TestBed(boolean isInManualTime) {
        this.isInManualTime = isInManualTime;
    }

    /** Makes a bed whose loops live in the time of {@link #ticker}. */
    public static TestBed inManualTime() {
        return new TestBed(true);
    }

    /** Makes a bed whose loops live in the time of the system. */
    public static TestBed inRealTime() {
        return new TestBed(false);
    }

    /** {@return the census of all that this bed's loops do} */
    public Census census() {
        return census;
    }

    /** {@return the time of a bed in manual time; elsewhere, a test may give it to loops of its own} */
    public ManualTicker ticker() {
        return ticker;
    }

    /** Returns the loop that servers and clients of this bed share; the first call starts it. */
    public synchronized EventLoop loop() {
        EventLoop started = loop;
        if (started == null) {
            started = newLoop();
            loop = started;
        }
        return started;
    }

    /** Starts one more loop. */
    public EventLoop newLoop() {
        return newLoop(EventLoop.builder());
    }

    /** Starts one more loop with these settings; its observer is the census. */
    public EventLoop newLoop(EventLoop.Builder settings) {
        return keep(census.startLoop(isInManualTime ? settings.ticker(ticker) : settings));
    }

    /** Returns the settings of a server whose observer is the census. */
    public ServerBuilder server() {
        return Server.builder().observer(census);
    }

    /** Starts a server on a free port, on the bed's loop. */
    public Server listen(ServerBuilder settings) throws BindFailedException {
        return keep(settings.listen(loop(), FREE));
    }

    /** Connects a client on the bed's loop. */
    public Client client(Address server) throws IOException {
        return keep(Client.builder(server).loop(loop()).connect());
    }

    /** Connects a peer that sends what the test says. */
    public MessagePeer peer(Server server) throws IOException {
        return keep(MessagePeer.connect(server.address()));
    }

    /** Keeps a resource until the test is over, and closes it then. */
    public <T extends AutoCloseable> T keep(T resource) {
        kept.add(resource);
        return resource;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        closeAll();
        Throwable failed = context.getExecutionException().orElse(null);
        if (failed == null) {
            census.assertNothingLeft();
        } else {
            census.addFailuresTo(failed);
        }
    }

    private void closeAll() throws Exception {
        Exception failed = null;
        for (AutoCloseable each : new ArrayList<>(kept).reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                if (failed == null) {
                    failed = e;
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
