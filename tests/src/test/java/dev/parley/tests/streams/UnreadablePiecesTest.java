package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.ContentException;
import dev.parley.Duplex;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests a message of a stream whose content cannot be uncompressed: its receiver learns why. */
@Timeout(300)
class UnreadablePiecesTest {
    private static final Action<Message, Message> READ = Action.of("read", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CompletableFuture<Throwable> ofHandler = new CompletableFuture<>();
    private Client client;

    @BeforeEach
    void connect() throws IOException {
        client = bed.client(bed.listen(bed.server().onDuplex(READ, (in, out, exchange) -> {
                    try {
                        in.receive();
                    } catch (RuntimeException e) {
                        ofHandler.complete(e);
                        throw e;
                    }
                }))
                .address());
    }

    private static Message notPacked() {
        return MessagePeer.unchecked(Message.text("not a member"), Header.CONTENT_CODING, Header.GZIP);
    }

    @Test
    void aHandlerGetsAnExceptionAboutTheContent() throws Exception {
        try (Duplex<Message, Message> read = client.duplex(READ)) {
            read.send(notPacked());
            assertThatThrownBy(read::receive).isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.code())
                    .isEqualTo("bad-content"));
        }
        assertThat(ofHandler.join()).isInstanceOfSatisfying(ContentException.class, e -> assertThat(e.code())
                .isEqualTo(ErrorCode.BAD_CONTENT));
    }
}
