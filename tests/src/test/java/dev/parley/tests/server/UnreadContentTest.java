package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests content that a handler leaves, or that a server refuses: the messages behind it on the connection are read
 * correctly.
 */
@Timeout(300)
class UnreadContentTest {
    private static final boolean FULL = Boolean.getBoolean("parley.full");
    private static final int HANDLERS = FULL ? 10_000 : 2_000;
    private static final int CLIENTS = FULL ? 1_000 : 200;
    private static final int UPLOAD_BYTES_MAX = 40_000;
    private static final int BEYOND_BYTES = 2 * 1024 * 1024;
    private static final int SENT_BYTES = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Action<Message, Message> LEAVE = Action.of("leave", Message.class, Message.class);
    private static final Address ANY_PORT = Address.parse("tcp://127.0.0.1:0");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final long seed = Long.getLong("parley.unread.seed", 9);
    private final SplittableRandom random = new SplittableRandom(seed);

    private EventLoop loop(String transport) {
        return bed.newLoop(EventLoop.builder().transport(Usable.transport(transport)));
    }

    /** Reads as many bytes as the first eight of them say. */
    private static Message readSome(InputStream content) throws Exception {
        int wanted = Integer.parseInt(new String(content.readNBytes(8), StandardCharsets.US_ASCII));
        byte[] read = content.readNBytes(wanted);
        return Message.text(read.length + " " + Arrays.hashCode(read));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whatAHandlerLeavesReachesNoOther(String transport) throws Exception {
        EventLoop servers = loop(transport);
        EventLoop clients = loop(transport);
        Server server = bed.keep(bed.server()
                .on("echo", request -> request)
                .onUpload(LEAVE, in -> readSome(in.bytes()))
                .listen(servers, ANY_PORT));
        Client client = bed.keep(Client.builder(server.address()).loop(clients).connect());
        for (int i = 0; i < HANDLERS; i++) {
            var content = new byte[8 + random.nextInt(UPLOAD_BYTES_MAX)];
            random.nextBytes(content);
            int wanted = random.nextInt(content.length - 7);
            System.arraycopy(String.format("%08d", wanted).getBytes(StandardCharsets.US_ASCII), 0, content, 0, 8);
            Message left = client.upload(LEAVE, new ByteArrayInputStream(content), CallOptions.timeout(PATIENCE));
            byte[] read = Arrays.copyOfRange(content, 8, 8 + wanted);
            assertThat(left.text()).as("seed %d, %d", seed, i).isEqualTo(wanted + " " + Arrays.hashCode(read));
            String word = "next " + i;
            assertThat(client.call("echo", Message.text(word), CallOptions.timeout(PATIENCE))
                            .text())
                    .as("seed %d, %d", seed, i)
                    .isEqualTo(word);
        }
        assertThat(server.openConnections()).isEqualTo(1);
        System.out.printf(
                "promise F9: %s: %d handlers read a random part of what was sent: the next message is whole%n",
                transport, HANDLERS);
    }

    /** A plain close would answer what is on its way with a reset, and that would destroy the refusal. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void whoIsRefusedInTheMiddleReadsWhy(String transport) throws Exception {
        byte[] whole = MessagePeer.bytes(request(1, "echo", Message.binary("x", new byte[BEYOND_BYTES])));
        byte[] beginning = Arrays.copyOf(whole, SENT_BYTES);
        int told = 0;
        Server server = bed.keep(bed.server().on("echo", request -> request).listen(loop(transport), ANY_PORT));
        for (int i = 0; i < CLIENTS; i++) {
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                peer.raw.send(beginning);
                assertThat(peer.receive().status()).contains("content-too-large");
                assertThat(peer.raw.receiveToEnd()).isEmpty();
                told++;
            }
        }
        System.out.printf(
                "promise F11: %s: %d of %d clients in the middle of refused content read why, and then the end%n",
                transport, told, CLIENTS);
    }
}
