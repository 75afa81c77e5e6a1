package dev.parley.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.nats.OutgoingAccount.Share;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.cluster.FakeBroker;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.nats.client.impl.NoOpStatistics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that the sizes are those that jnats counts: each byte that differs would be missing from the room for ever. */
class OutgoingSizeTest {
    private static final long JNATS_OWN_MAX = 500;

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    /** Keeps the sizes of what jnats sends, but for its own, such as subscriptions. */
    private static final class Sent extends NoOpStatistics {
        private final List<Long> sizes = new CopyOnWriteArrayList<>();

        @Override
        public void incrementOut(long size) {
            if (size > JNATS_OWN_MAX) {
                sizes.add(size);
            }
        }
    }

    @Test
    void theyAreThoseThatJnatsCounts() throws Exception {
        var sent = new Sent();
        FakeBroker broker = bed.keep(new FakeBroker(FakeBroker.INFO));
        Connection connection = bed.keep(Nats.connect(Options.builder()
                .server(broker.cluster())
                .statisticsCollector(sent)
                .build()));
        var outgoing = new Outgoing(connection, new OutgoingAccount(), () -> {});
        var headers = new Headers().put("Parley-Version", "1");
        var expected = new CopyOnWriteArrayList<Long>();
        for (int length : new int[] {600, 999, 1_000, 99_990, 1_000_000}) {
            var bytes = new byte[length];
            outgoing.publish(Share.RESPONSE, "a.ö", bytes);
            expected.add(OutgoingSize.of("a.ö", 0, null, bytes).whole());
            outgoing.publish(Share.RESPONSE, "a.b", headers, bytes);
            expected.add(OutgoingSize.of("a.b", 0, headers, bytes).whole());
            expected.add(requested(connection, outgoing, headers, bytes));
            expected.add(requested(connection, outgoing, null, bytes));
        }
        Await.until("all are sent", () -> sent.sizes.size() >= expected.size());
        assertThat(sent.sizes).isEqualTo(expected);
    }

    private static long requested(Connection connection, Outgoing outgoing, @Nullable Headers headers, byte[] bytes)
            throws Exception {
        var message = NatsMessage.builder()
                .subject("a.b")
                .headers(headers)
                .data(bytes)
                .build();
        OutgoingSize size = outgoing.sizeOfRequest("a.b", headers, bytes);
        var _ = outgoing.hand(
                Share.REQUEST, size, () -> connection.requestWithTimeout(message, Duration.ofSeconds(10)));
        return size.whole();
    }
}
