package dev.parley.tests.streams;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.FrameLimits;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tests a stream that is closed before its end, and a stream of bytes whose contents must be empty. */
@Timeout(300)
class StreamEdgesTest {
    private static final Action<Message, Message> PUT = Action.of("put", Message.class, Message.class);
    private static final Action<Message, Message> GET = Action.of("get", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private static void assertIsClosed(InStream<?> in) {
        assertThatThrownBy(in::receive)
                .isInstanceOf(ExchangeEndedException.class)
                .hasMessage("the stream was closed on this side");
    }

    /** Most of the content has not arrived yet, or waits; the handler can still answer. */
    @Test
    void aHandlerReceivesNothingAfterItsClose() throws Exception {
        Server server = bed.listen(bed.server().onUpload(PUT, in -> {
            Message first = in.receive();
            in.close();
            in.close();
            assertIsClosed(in);
            assertThatThrownBy(() -> in.bytes().read()).isInstanceOf(ExchangeEndedException.class);
            return Message.text("got " + (first == null ? "nothing" : "some"));
        }));
        Client client = bed.client(server.address());
        var content = new ByteArrayInputStream(new byte[300_000]);
        assertThat(client.upload(PUT, content).text()).isEqualTo("got some");
    }

    @Test
    void aClientReceivesNothingAfterItsClose() throws Exception {
        Server server = bed.listen(bed.server().onStream(GET, (question, out) -> {
            out.send(Message.text("1"));
            out.send(Message.text("2"));
        }));
        InStream<Message> ended = bed.client(server.address()).stream(GET, Message.text("x"));
        assertThat(ended.receive()).isNotNull();
        assertThat(ended.receive()).isNotNull();
        assertThat(ended.receive()).isNull();
        ended.close();
        assertThat(ended.receive()).isNull();
        InStream<Message> open = bed.client(server.address()).stream(GET, Message.text("x"));
        assertThat(open.receive()).isNotNull();
        open.close();
        assertIsClosed(open);
    }

    @Test
    void bytesAreRefusedIfContentsMustBeEmpty(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[10]);
        var thrown = new CompletableFuture<Throwable>();
        Server server = bed.listen(bed.server()
                .limits(MessageLimits.DEFAULT.withFrame(FrameLimits.DEFAULT.withContentBytesMax(0)))
                .onStream(GET, (question, out) -> {
                    assertThatThrownBy(out::bytes).isInstanceOf(IllegalArgumentException.class);
                    try {
                        out.sendFile(file);
                    } catch (IllegalArgumentException e) {
                        thrown.complete(e);
                    }
                }));
        MessagePeer peer = bed.peer(server).send(request(1, "get", Message.text(""))); // a client sends a first content
        assertThat(peer.receive().status()).isEmpty();
        assertThat(thrown.getNow(null)).hasMessage("contentBytesMax is 0, so no bytes can be sent");
    }
}
