package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Cluster;
import dev.parley.Codec;
import dev.parley.DurableTopic;
import dev.parley.Message;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests nodes while their broker is away, stopped or refuses them, and once it is back. */
@Timeout(180)
class NatsOutageTest {
    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    @TempDir
    private Path directory;

    private Cluster cluster(String address) throws IOException {
        return bed.keep(Cluster.connect(address));
    }

    private Client entrance(String address) throws IOException {
        return bed.keep(
                Client.connect(bed.keep(bed.server().cluster(cluster(address)).listen("tcp://localhost:0"))
                        .address()));
    }

    /** By default, jnats gives up what has waited for 5 s, at the latest 5 s later. */
    @Test
    void aHandlerMayTakeAsLongAsItsClientWaits() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var mayReturn = new CountDownLatch(1);
        bed.keep(bed.server()
                .cluster(cluster(broker.cluster("c")))
                .on("slow", request -> {
                    mayReturn.await();
                    return request;
                })
                .listen("tcp://localhost:0"));
        Client client = entrance(broker.cluster("c"));
        CompletableFuture<Message> call = client.callAsync(
                        "slow", Message.text("it"), CallOptions.timeout(Duration.ofMinutes(1)))
                .toCompletableFuture();
        var over = new CompletableFuture<Void>().completeOnTimeout(null, 11, TimeUnit.SECONDS);
        CompletableFuture.anyOf(over, call).join();
        assertThat(call).isNotDone();
        mayReturn.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS).text()).isEqualTo("it");
    }

    /** jnats gives up a broker that refuses its user twice, and an operator may need longer to mend that. */
    @Test
    void aBrokerThatRefusesUsForAWhileIsTriedAgain() throws Exception {
        Path users = directory.resolve("users.conf");
        Files.writeString(users, "authorization { user: ann, password: right }\n");
        Path log = directory.resolve("log");
        NatsServer broker = bed.keep(NatsServer.start("-c", users.toString(), "-l", log.toString()));
        String address = broker.cluster("c").replace("//", "//ann:right@");
        bed.keep(bed.server()
                .cluster(cluster(address))
                .on("echo", request -> request)
                .listen("tcp://localhost:0"));
        Client client = entrance(address);
        assertThat(ClusterBed.passes(client)).isTrue();
        broker.kill();
        Files.writeString(users, "authorization { user: ann, password: other }\n");
        broker.restart();
        Await.until("both nodes were refused three times", () -> refusals(log) >= 6);
        broker.kill();
        Files.writeString(users, "authorization { user: ann, password: right }\n");
        broker.restart();
        Await.until("requests pass again", () -> ClusterBed.passes(client));
    }

    /** A node asks less often when the outage is long. */
    @Test
    void afterALongOutageItIsBackWithinFiveSeconds() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        Cluster cluster = cluster(broker.cluster("c"));
        broker.kill();
        var away = new CompletableFuture<Void>().completeOnTimeout(null, 15, TimeUnit.SECONDS);
        away.join();
        assertThat(cluster.isConnected()).isFalse();
        broker.restart();
        long back = System.nanoTime();
        Await.until("the node is connected", cluster::isConnected);
        assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(Duration.ofSeconds(5));
    }

    private static long refusals(Path log) {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("authentication error")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aReaderOfADurableTopicAsksForNothingWhileTheBrokerIsAway() throws Exception {
        int monitor = NatsServer.freePort();
        NatsServer broker =
                bed.keep(NatsServer.start("-js", "-sd", directory.toString(), "-m", Integer.toString(monitor)));
        Cluster cluster = cluster(broker.cluster("c"));
        DurableTopic<String> topic = bed.keep(cluster.durable("t", Codec.of(String.class), Duration.ofDays(1), 10_000));
        var read = new AtomicInteger();
        topic.read("r", value -> read.incrementAndGet());
        topic.publish("one");
        Await.until("it is read", () -> read.get() == 1);
        broker.kill();
        Await.until("the node sees it", () -> !cluster.isConnected());
        var away = new CompletableFuture<Void>().completeOnTimeout(null, 2, TimeUnit.SECONDS);
        away.join();
        broker.restart();
        Await.until("values are stored again", () -> isStored(topic));
        Await.until("it reads again", () -> read.get() > 1);
        assertThat(subscriptions(monitor)).isLessThan(300); // more than 60 are the broker's own
    }

    private static boolean isStored(DurableTopic<String> topic) {
        try {
            topic.publish("more");
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Asks the broker for the number of subscriptions that it has. */
    private static int subscriptions(int monitor) throws Exception {
        URLConnection asked =
                URI.create("http://127.0.0.1:" + monitor + "/subsz").toURL().openConnection();
        asked.setRequestProperty("Connection", "close"); // else it stays open
        try (InputStream in = asked.getInputStream()) {
            return Message.json(in.readAllBytes())
                    .json()
                    .path("num_subscriptions")
                    .asInt();
        }
    }

    /** When a connection breaks, jnats sends the unsent messages on the next one. */
    @Test
    void requestsThatWereGivenUpAreNotHandledOnceTheBrokerIsBack() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var handled = new AtomicInteger();
        bed.keep(bed.server()
                .cluster(cluster(broker.cluster("c")))
                .on("echo", request -> request)
                .on("count", request -> {
                    handled.incrementAndGet();
                    return request;
                })
                .listen("tcp://localhost:0"));
        Client client = entrance(broker.cluster("c"));
        assertThat(ClusterBed.passes(client)).isTrue();
        broker.stop();
        var content = new byte[900_000];
        Arrays.fill(content, (byte) 'a');
        List<CompletableFuture<Message>> calls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            calls.add(
                    client.callAsync("count", Message.binary("x", content), CallOptions.timeout(Duration.ofMinutes(1)))
                            .toCompletableFuture());
        }
        for (CompletableFuture<Message> each : calls) {
            assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS)).cause().isInstanceOf(CallException.class);
        }
        broker.kill();
        broker.restart();
        Await.until("requests pass again", () -> ClusterBed.passes(client));
        assertThat(handled).hasValue(0);
    }
}
