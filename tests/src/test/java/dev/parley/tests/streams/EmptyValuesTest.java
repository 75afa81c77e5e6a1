package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests values without content in a stream. An empty content of the type application/octet-stream only opens or ends a
 * stream, so it is refused before it is sent, and does not vanish.
 */
@Timeout(300)
class EmptyValuesTest {
    private static final Action<Message, Message> ECHO = Action.of("echo", Message.class, Message.class);
    private static final Action<Message, Message> COUNT = Action.of("count", Message.class, Message.class);
    private static final Action<Message, Message> BAD = Action.of("bad", Message.class, Message.class);
    private static final Message MARK = Message.binary("application/octet-stream", new byte[0]);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Client client;

    @BeforeEach
    void connect() throws IOException {
        client = bed.client(bed.listen(bed.server()
                        .onDuplex(ECHO, (in, out, exchange) -> {
                            for (Message each : in) {
                                out.send(each);
                            }
                        })
                        .onUpload(COUNT, in -> {
                            int count = 0;
                            while (in.receive() != null) {
                                count++;
                            }
                            return Message.text(String.valueOf(count));
                        })
                        .onStream(BAD, (question, out) -> out.send(MARK)))
                .address());
    }

    private static void assertIsRefused(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a value of a stream must not be an empty content");
    }

    @Test
    void anEmptyValueOfAnotherTypeArrives() throws Exception {
        try (Duplex<Message, Message> echo = client.duplex(ECHO)) {
            for (Message empty : new Message[] {Message.text(""), Message.json(""), Message.binary("x", new byte[0])}) {
                echo.send(empty);
                assertThat(echo.receive()).isNotNull().satisfies(back -> {
                    assertThat(back.header().contentType())
                            .isEqualTo(empty.header().contentType());
                    assertThat(back.contentLength()).isZero();
                });
            }
        }
    }

    @Test
    void whatWouldVanishIsRefused() throws Exception {
        try (Duplex<Message, Message> echo = client.duplex(ECHO)) {
            assertThatThrownBy(() -> echo.send(MARK)).satisfies(EmptyValuesTest::assertIsRefused);
            assertThatThrownBy(() -> echo.send(MARK.with("x", 1))).satisfies(EmptyValuesTest::assertIsRefused);
            echo.send(Message.text("still open"));
            assertThat(echo.receive()).extracting(Message::text).isEqualTo("still open");
        }
        assertThatThrownBy(() -> client.upload(COUNT, MARK, new ByteArrayInputStream(new byte[1]), CallOptions.DEFAULT))
                .satisfies(EmptyValuesTest::assertIsRefused);
    }

    @Test
    void aPublishersValueThatWouldVanishEndsOnlyIt() throws Exception {
        try (Duplex<Message, Message> echo = client.duplex(ECHO);
                var publisher = new SubmissionPublisher<Message>()) {
            CompletableFuture<@Nullable Void> followed = echo.out().follow(publisher);
            publisher.submit(MARK);
            assertThatThrownBy(() -> followed.get(60, TimeUnit.SECONDS))
                    .cause()
                    .satisfies(EmptyValuesTest::assertIsRefused);
            echo.send(Message.text("still open"));
            assertThat(echo.receive()).extracting(Message::text).isEqualTo("still open");
        }
    }

    @Test
    void aHandlersValueThatWouldVanishFailsTheHandler() throws Exception {
        try (InStream<Message> values = client.stream(BAD, Message.text("x"))) {
            assertThatThrownBy(values::receive).isInstanceOf(RefusedException.class);
        }
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("empty content");
    }
}
