package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A home-made peer whose content-length counts characters: the most frequent slip of all, and no other protocol. */
@Timeout(60)
class MiscountedContentTest {
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final LoopObserver log = new LoopObserver() {
        @Override
        public void warned(String message) {
            warnings.add(message);
        }
    };

    /** A message of a JSON text, with a length that counts its characters. */
    private static byte[] miscounted(String json) {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        byte[] right = MessagePeer.bytes(Message.json(json));
        String text = new String(right, StandardCharsets.ISO_8859_1);
        String wrong = text.replace("\"content-length\": " + content.length, "\"content-length\": " + json.length());
        assertThat(wrong).isNotEqualTo(text).hasSameSizeAs(text);
        return wrong.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String json(int extraBytes) {
        return "{\"action\": \"search\", \"value\": \"" + "é".repeat(extraBytes) + "\", \"more\": \"text\"}";
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 10})
    void aServerAsksWhetherCharactersAreCounted(int extraBytes) throws Exception {
        try (Server server = Server.builder()
                        .otherwise(request -> request)
                        .loop(EventLoop.builder().daemon(true))
                        .observer(log)
                        .listen("tcp://127.0.0.1:0");
                MessagePeer alone = MessagePeer.connect(server.address());
                MessagePeer behind = MessagePeer.connect(server.address())) {
            alone.raw.send(miscounted(json(extraBytes)));
            assertToldBehind(1, alone);
            behind.send(Message.json("{\"action\": \"search\"}"));
            behind.receive();
            behind.raw.send(miscounted(json(extraBytes)));
            assertToldBehind(2, behind);
        }
    }

    private void assertToldBehind(int message, MessagePeer peer) throws IOException {
        Message answer = peer.receive();
        Message last = answer.header().isTrue("close") ? answer : peer.receive();
        String expected = "after message " + message
                + " come bytes that do not begin a message: does its content-length count characters instead of bytes?";
        assertThat(last.text()).contains("Error: " + expected);
        assertThat(last.header().isTrue("close")).isTrue();
        Await.until("it is logged", () -> warnings.stream().anyMatch(one -> one.endsWith(expected)));
        assertThat(warnings).noneMatch(one -> one.contains("not Parley's messages"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void aPlainClientAsksWhetherCharactersAreCounted(int extraBytes) throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen();
                Client client = Client.plain(RawPeer.addressOf(listening))) {
            var call = client.callAsync(Message.json("{\"action\": \"search\"}"), Duration.ofSeconds(20))
                    .toCompletableFuture();
            try (RawPeer accepted = RawPeer.accept(listening)) {
                MessagePeer.of(accepted).receive();
                accepted.send(miscounted(json(extraBytes)));
                accepted.shutdownOutput();
                assertThatThrownBy(call::get)
                        .hasCauseInstanceOf(ConnectionLostException.class)
                        .hasMessageContaining("after its answer come bytes that do not begin a message: does its"
                                + " content-length count characters instead of bytes?");
            }
        }
    }
}
