package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopListener;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A part of the contract that only the loop's own face has. Each subclass runs over every {@link Wire}. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.parley.tests.contract.Wire#wanted")
@Timeout(300)
abstract class LoopContract {
    static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    final Census census = bed.census();
    final ManualTicker ticker = bed.ticker();
    final Wire wire;
    Limits limits = Limits.DEFAULT;
    private final MemNetwork network = new MemNetwork();

    LoopContract(Wire wire) {
        this.wire = wire;
    }

    final EventLoop newLoop() {
        return bed.newLoop(wire.settings(network).limits(limits));
    }

    record Pair(LoopPeer client, LoopPeer server) {}

    Pair pair() throws Exception {
        return pair(newLoop());
    }

    Pair pair(EventLoop serverLoop) throws Exception {
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        LoopListener listener = serverLoop.listen(wire.free(), new NewPeerEach(accepted));
        var client = new LoopPeer();
        newLoop().connect(listener.address(), client);
        client.awaitOpened();
        LoopPeer server = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(server).isNotNull();
        return new Pair(client, server);
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    /** Waits for two turns of the loop: all timers that were due have fired. */
    static void settle(EventLoop loop) throws Exception {
        for (int i = 0; i < 3; i++) {
            var turned = new CompletableFuture<Boolean>();
            loop.execute(() -> turned.complete(true));
            get(turned);
        }
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] zeros(int count) {
        return new byte[count];
    }
}
