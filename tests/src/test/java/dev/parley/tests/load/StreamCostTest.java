package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.Topic;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Measures the cost of a stream without a thread, on both sides together. */
@Timeout(120)
class StreamCostTest {
    private static final Action<String, String> WATCH = Action.of("watch", String.class, String.class);
    private static final Action<String, String> UPLOAD = Action.of("upload", String.class, String.class);
    private static final Action<String, String> DUPLEX = Action.of("duplex", String.class, String.class);
    private static final int STREAMS = 2_000;

    /** Both sides together. */
    private static final long BYTES_MAX = 8 * 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger subscribed = new AtomicInteger();
    private final Topic<String> fromServer = new Topic<>(100, Topic.Policy.DISCONNECT);
    private final Topic<String> fromClient = new Topic<>(100, Topic.Policy.DISCONNECT);

    enum Kind {
        STREAM,
        UPLOAD,
        DUPLEX;

        int directions() {
            return this == DUPLEX ? 2 : 1;
        }
    }

    private final class Counting implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
            subscribed.incrementAndGet();
        }

        @Override
        public void onNext(String value) {
            received.incrementAndGet();
        }

        @Override
        public void onError(Throwable thrown) {
            received.set(Integer.MIN_VALUE);
        }

        @Override
        public void onComplete() {}
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private Server server(MessageLimits limits) throws IOException {
        return bed.keep(bed.server()
                .limits(limits)
                .onLoopStream(WATCH, what -> fromServer)
                .onLoopUpload(UPLOAD, values -> {
                    values.subscribe(new Counting());
                    return new CompletableFuture<>();
                })
                .onLoopDuplex(DUPLEX, values -> {
                    values.subscribe(new Counting());
                    return fromServer;
                })
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
    }

    private void open(Kind kind, Client client) {
        Flow.Publisher<String> stream =
                switch (kind) {
                    case STREAM -> client.streamAsync(WATCH, "");
                    case UPLOAD -> client.duplexAsync(UPLOAD, fromClient);
                    case DUPLEX -> client.duplexAsync(DUPLEX, fromClient);
                };
        stream.subscribe(new Counting());
    }

    /** Sends a value in each direction of each stream. */
    private void exchange(Kind kind, int streams) {
        int subscribers = kind == Kind.STREAM ? streams : 2 * streams; // a server subscribes to an upload too
        Await.until(
                "all have subscribed",
                () -> subscribed.get() == subscribers && (kind == Kind.UPLOAD || fromServer.subscribers() == streams));
        received.set(0);
        fromServer.publish("value");
        fromClient.publish("value");
        Await.until("all have it", () -> received.get() == streams * kind.directions());
    }

    @ParameterizedTest
    @EnumSource
    void twoThousandStreamsCostNoThreadAndLittleMemory(Kind kind, @TempDir Path directory) throws Exception {
        MessageLimits many = MessageLimits.DEFAULT.withStreamsMax(STREAMS).withInFlightMax(STREAMS);
        Client client = bed.keep(Client.builder(server(many).address())
                .loop(bed.newLoop())
                .limits(many)
                .connect());
        open(kind, client);
        exchange(kind, 1);
        try (var started = new Recording()) {
            started.enable("jdk.VirtualThreadStart");
            started.enable("jdk.ThreadStart");
            started.start();
            long before = usedBytes();
            for (int i = 0; i < STREAMS - 1; i++) {
                open(kind, client);
            }
            exchange(kind, STREAMS);
            long each = (usedBytes() - before) / STREAMS;
            started.stop();
            Path events = directory.resolve("threads.jfr");
            started.dump(events);
            assertThat(RecordingFile.readAllEvents(events))
                    .as("threads, of which the machine itself may start a few")
                    .hasSizeLessThan(STREAMS / 100);
            assertThat(each).as("bytes of both sides of a stream").isBetween(0L, BYTES_MAX);
            System.out.printf("2,000 streams (%s): %d bytes each, both sides together, and no thread%n", kind, each);
        }
    }
}
