package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a home-made peer whose content-length counts characters, which is the most frequent mistake; the peer is not
 * taken for one of another protocol.
 */
@Timeout(60)
class MiscountedContentTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final List<String> warnings = bed.census().warnings();

    /** Returns a message of a JSON text, with a length that counts its characters. */
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
        Server server = bed.listen(bed.server().otherwise(request -> request));
        MessagePeer alone = bed.peer(server);
        MessagePeer behind = bed.peer(server);
        alone.raw.send(miscounted(json(extraBytes)));
        assertToldBehind(1, alone);
        behind.send(Message.json("{\"action\": \"search\"}"));
        behind.receive();
        behind.raw.send(miscounted(json(extraBytes)));
        assertToldBehind(2, behind);
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
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = bed.keep(Client.builder(RawPeer.addressOf(listening))
                .plain(true)
                .loop(bed.loop())
                .start());
        var call = client.callAsync(
                        Message.json("{\"action\": \"search\"}"), CallOptions.timeout(Duration.ofSeconds(20)))
                .toCompletableFuture();
        RawPeer accepted = bed.keep(RawPeer.accept(listening));
        MessagePeer.of(accepted).receive();
        accepted.send(miscounted(json(extraBytes)));
        accepted.shutdownOutput();
        assertThatThrownBy(call::get)
                .hasCauseInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("after its answer come bytes that do not begin a message: does its"
                        + " content-length count characters instead of bytes?");
    }
}
