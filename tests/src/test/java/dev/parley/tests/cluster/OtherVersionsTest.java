package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Cluster;
import dev.parley.cluster.ClusterBus;
import dev.parley.nats.NatsBusProvider;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.impl.Headers;
import io.nats.service.Service;
import io.nats.service.ServiceEndpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes that speak two versions of the cluster's protocol. The other one is played by jnats. */
@Timeout(120)
class OtherVersionsTest {
    private static final String CLASH = "different versions of the cluster's protocol: 2 and 1; update them all";

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private final String name = "v" + System.nanoTime();

    private Connection tool;

    @BeforeEach
    void connect() throws Exception {
        tool = bed.keep(Nats.connect("nats://127.0.0.1:" + ClusterBed.broker().port()));
    }

    private String address() throws IOException {
        return ClusterBed.broker().cluster(name);
    }

    private ClusterBus bus(WarningsObserver warnings) throws IOException {
        return bed.keep(new NatsBusProvider().connect(URI.create(address()), warnings));
    }

    /** Starts a node of version 2 that offers an action. */
    private Service other(String action) throws Exception {
        Service service = Service.builder()
                .connection(tool)
                .name("parley-" + name)
                .version("1.0.0")
                .addServiceEndpoint(ServiceEndpoint.builder()
                        .endpointName(action)
                        .endpointSubject("parley." + name + ".action." + action)
                        .endpointMetadata(Map.of(
                                "protocol", "2", "action", action, "kind", "call", "question", "?", "answer", "?"))
                        .handler(request -> {})
                        .build())
                .build();
        var _ = service.startService();
        bed.keep(service::stop);
        tool.flush(Duration.ofSeconds(5));
        return service;
    }

    @Test
    void aNodeDoesNotConnectWhereOneOfAnotherVersionIs() throws Exception {
        other("anything");
        assertThatThrownBy(() -> Cluster.connect(address()).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(CLASH);
    }

    @Test
    void aNodeOffersNothingBesideOneOfAnotherVersion() throws Exception {
        var warnings = new WarningsObserver();
        ClusterBus bus = bus(warnings);
        other("anything");
        assertThatThrownBy(() -> bus.offer(List.of(BusBed.call("echo", "String")), new BusBed.Echo()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(CLASH);
    }

    @Test
    void aNodeWarnsOnceOfOneOfAnotherVersionThatComesLater() throws Exception {
        var warnings = new WarningsObserver();
        ClusterBus bus = bus(warnings);
        byte[] offer = other("anything").getInfoResponse().toJson().getBytes(StandardCharsets.UTF_8);
        Await.until("it is warned of", () -> {
            tool.publish("parley." + name + ".offers", offer);
            return warnings.count(CLASH) > 0;
        });
        assertThat(warnings.count(CLASH)).isEqualTo(1);
        assertThat(bus.isCall("anything")).isFalse();
    }

    /** The request was not handled, and the client has done nothing wrong. */
    @Test
    void aRequestOfAnotherVersionIsRefusedAsBusy() throws Exception {
        Cluster cluster = bed.keep(Cluster.connect(address()));
        bed.keep(bed.server().cluster(cluster).on("here", request -> request).listen("tcp://localhost:0"));
        for (String stream : new String[] {"", "0b8f2a3e-0000-0000-0000-000000000000.1"}) {
            var headers = new Headers().put("Parley-Version", "2");
            if (!stream.isEmpty()) {
                headers.put("Parley-Stream", stream);
            }
            byte[] response = tool.request("parley." + name + ".action.here", headers, new byte[] {1, 2, 3})
                    .get()
                    .getData();
            assertThat(new String(response, StandardCharsets.UTF_8)).contains("busy", CLASH);
        }
    }
}
