package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests that if accepting fails for lack of descriptors, the loop does not spin, logs one line, and goes on as soon as
 * one is free.
 */
@Timeout(300)
class AcceptFailureTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    @Test
    void acceptingPausesAndGoesOnWhenOneOfOursCloses() throws Exception {
        var network = new MemNetwork();
        Census census = bed.census();
        ManualTicker ticker = bed.ticker();
        var failures = new AtomicInteger();
        network.limitAccepted(2);
        var accepted = new LinkedBlockingQueue<LoopPeer>();
        EventLoop server = bed.keep(census.watch(EventLoop.builder()
                .transport(network)
                .ticker(ticker)
                .observer(new CountingFailures(census, failures))
                .start()));
        EventLoop clients = bed.newLoop(EventLoop.builder().transport(network));
        LoopListener listener = server.listen(Address.parse("mem:"), new NewPeerEach(accepted));
        for (int i = 0; i < 4; i++) {
            clients.connect(listener.address(), new LoopPeer());
        }
        LoopPeer first = accepted.poll(60, TimeUnit.SECONDS);
        LoopPeer second = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        Await.until("accepting fails", () -> failures.get() == 1);
        // Time stands still: nothing but a close of ours may start it again.
        assertThat(Await.within(Duration.ofMillis(100), () -> failures.get() > 1))
                .isFalse();
        first.reset();
        LoopPeer third = accepted.poll(60, TimeUnit.SECONDS);
        assertThat(third).isNotNull();
        Await.until("the fourth still finds no room", () -> failures.get() == 2);
        // A descriptor freed elsewhere is noticed within a second, without a close of ours.
        network.limitAccepted(10);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(accepted.poll(60, TimeUnit.SECONDS)).isNotNull();
        assertThat(census.warnings()).singleElement().asString().contains("too many open files");
    }

    private record CountingFailures(Census census, AtomicInteger failures) implements ForwardingEvents {
        @Override
        public LoopObserver to() {
            return census;
        }

        @Override
        public void acceptFailed(Address listening, IOException cause) {
            failures.incrementAndGet();
        }
    }
}
