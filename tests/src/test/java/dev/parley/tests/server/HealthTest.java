package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Authorizer;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.Limits;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a load balancer learns about a server, in Parley's protocol and in HTTP. */
@Timeout(300)
class HealthTest {
    private static final String SERVING = "{\"status\": \"serving\"}";
    private static final String DRAINING = "{\"status\": \"draining\"}";
    private static final Message QUESTION = Message.json("{\"action\": \"parley.health\"}");
    private static final String GET = "GET /health HTTP/1.1\r\nHost: one\r\nUser-Agent: a check\r\n\r\n";
    private static final Duration DELAY = Duration.ofSeconds(5);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private ServerBuilder echo() {
        return bed.server().on("echo", request -> request);
    }

    private String health(Server server) throws IOException, InterruptedException {
        try (Client plain =
                Client.builder(server.address()).plain(true).loop(bed.loop()).connect()) {
            return plain.call(QUESTION).text();
        }
    }

    private String http(Server server, String request) throws IOException {
        try (RawPeer peer = RawPeer.connect(server.address())) {
            return new String(peer.send(request).receiveToEnd(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theActionTellsThatTheServerServes() throws Exception {
        Server named = bed.listen(echo());
        Server nameless = bed.listen(bed.server().otherwise(request -> request));
        Server onLoop = bed.listen(bed.server().otherwiseOnLoop(request -> request));
        for (Server server : new Server[] {named, nameless, onLoop}) {
            assertThat(health(server)).isEqualTo(SERVING);
            assertThat(bed.client(server.address())
                            .call("parley.health", Message.text(""))
                            .text())
                    .isEqualTo(SERVING);
        }
    }

    @Test
    void noCredentialsAreNeededAndNothingElseIsTold() throws Exception {
        Server server = bed.listen(
                echo().authorization(Authorizer.byCredentials(text -> null)).httpHealth(true));
        assertThat(health(server)).isEqualTo(SERVING);
        assertThat(http(server, GET)).endsWith("\r\n\r\nserving\n");
        assertThat(bed.census().warnings()).isEmpty();
    }

    @Test
    void duringTheDelayEverythingIsServedButTheHealth() throws Exception {
        Server server = bed.listen(echo().httpHealth(true));
        Client before = bed.client(server.address());
        assertThat(server.isServing()).isTrue();
        CompletableFuture<DrainReport> drained = drain(server);
        Await.until("the drain begins", () -> !server.isServing());

        assertThat(health(server)).isEqualTo(DRAINING);
        assertThat(http(server, GET)).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\ndraining\n");
        assertThat(before.call("echo", Message.text("old")).text()).isEqualTo("old");
        assertThat(bed.client(server.address())
                        .call("echo", Message.text("new"))
                        .text())
                .isEqualTo("new");
        assertThat(drained).isNotDone();

        while (!drained.isDone()) {
            bed.ticker().advance(DELAY);
        }
        assertThat(drained.join().connectionsCut()).isZero();
        assertThatThrownBy(() -> RawPeer.connect(server.address()).close()).isInstanceOf(IOException.class);
    }

    private static CompletableFuture<DrainReport> drain(Server server) {
        var drained = new CompletableFuture<DrainReport>();
        Thread.startVirtualThread(() -> {
            try {
                drained.complete(server.drain(DELAY, Duration.ofSeconds(1)));
            } catch (InterruptedException | RuntimeException e) {
                drained.completeExceptionally(e);
            }
        });
        return drained;
    }

    @Test
    void aServerThatIsClosedDuringTheDelayDoesNotWaitForItsEnd() throws Exception {
        Server server = bed.listen(echo());
        CompletableFuture<DrainReport> drained = drain(server);
        Await.until("the drain begins", () -> !server.isServing());
        server.close();
        bed.ticker().advance(Duration.ofSeconds(2)); // the grace, not the delay
        assertThat(drained.get().connectionsCut()).isZero();
    }

    @Test
    void negativeTimesAreRefused() throws Exception {
        Server server = bed.listen(echo());
        assertThatThrownBy(() -> server.drain(Duration.ofSeconds(-1), DELAY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("zero or more");
        assertThatThrownBy(() -> server.drainOnShutdown(Duration.ofSeconds(-1), DELAY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(server.isServing()).isTrue();
    }

    @Test
    void theHealthIsToldWhileEveryHandlerIsBusy() throws Exception {
        var hold = new CountDownLatch(1);
        var limits = MessageLimits.DEFAULT.withInFlightTotalMax(1);
        Server server = bed.listen(bed.server().limits(limits).on("hold", request -> {
            hold.await();
            return request;
        }));
        var held = bed.client(server.address()).callAsync("hold", Message.text(""), CallOptions.DEFAULT);
        assertThat(health(server)).isEqualTo(SERVING);
        hold.countDown();
        held.toCompletableFuture().get();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health HTTP/1.1\r\n\r\n",
                "GET /health HTTP/1.0\r\n\r\n",
                "GET /health?verbose=1 HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /health HTTP/1.1\n\n",
                "GET /health HTTP/1.1\r\n"
            })
    void requestsOfHealthChecksAreAnswered(String request) throws Exception {
        Server server = bed.listen(echo().httpHealth(true));
        assertThat(http(server, request))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nContent-Length: 8\r\n")
                .contains("\r\nConnection: close\r\n")
                .endsWith("\r\n\r\nserving\n");
        assertThat(bed.census().warnings()).isEmpty();
    }

    @Test
    void aHeadRequestGetsNoBody() throws Exception {
        Server server = bed.listen(echo().httpHealth(true));
        assertThat(http(server, "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("Content-Length: 8\r\n")
                .endsWith("Connection: close\r\n\r\n");
    }

    @Test
    void aRequestMayComeInAnyPieces() throws Exception {
        Server server = bed.listen(echo().httpHealth(true));
        for (int split = 1; split < GET.length(); split += 7) {
            try (RawPeer peer = RawPeer.connect(server.address())) {
                peer.send(GET.substring(0, split));
                peer.send(GET.substring(split));
                assertThat(peer.receiveToEnd()).asString(StandardCharsets.UTF_8).endsWith("serving\n");
            }
        }
        try (RawPeer peer = RawPeer.connect(server.address())) {
            peer.sendByteByByte("GET /health HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(peer.receiveToEnd()).asString(StandardCharsets.UTF_8).endsWith("serving\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET /healthz HTTP/1.1\r\n\r\n",
                "GET /health/x HTTP/1.1\r\n\r\n",
                "GET http://x/health HTTP/1.1\r\n\r\n",
                "GET  /health HTTP/1.1\r\n\r\n",
                "GET /health\r\n",
                "GET /health HTTP/2\r\n\r\n",
                "POST /health HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                "DELETE /health HTTP/1.1\r\n\r\n",
                "GETX"
            })
    void otherRequestsGetThePageAndAWarning(String request) throws Exception {
        Server server = bed.listen(echo().httpHealth(true));
        try (RawPeer peer = RawPeer.connect(server.address())) {
            peer.send(request).shutdownOutput();
            assertThat(peer.receiveToEnd()).asString(StandardCharsets.UTF_8).startsWith("HTTP/1.1 400 Bad Request\r\n");
        }
        assertThat(bed.census().warnings()).singleElement().asString().contains("spoke HTTP");
    }

    @Test
    void aLineWithoutAnEndIsCutOff() throws Exception {
        Server server = bed.listen(echo().httpHealth(true));
        try (RawPeer peer = RawPeer.connect(server.address())) {
            peer.send("GET /" + "a".repeat(5_000));
            assertThat(peer.receiveToEndOrReset())
                    .asString(StandardCharsets.UTF_8)
                    .startsWith("HTTP/1.1 400");
        }
        try (RawPeer silent = RawPeer.connect(server.address())) {
            silent.send("GET /hea");
            Await.until("it is connected", () -> server.openConnections() == 1);
            while (server.openConnections() > 0) {
                bed.ticker().advance(Limits.DEFAULT.connectTimeout());
            }
            assertThat(silent.receiveToEndOrReset()).isEmpty();
        }
        assertThat(bed.census().warnings()).hasSize(1);
    }

    @Test
    void withoutTheSettingHttpIsTurnedAway() throws Exception {
        Server server = bed.listen(echo());
        assertThat(http(server, GET)).startsWith("HTTP/1.1 400 Bad Request\r\n");
        assertThat(bed.census().warnings()).hasSize(1);
    }
}
