package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the failure of a test because a handler threw shows the handler's line, for each sort of handler. */
@Timeout(60)
class HandlerLineTest {
    record Word(String text) {}

    private static final Action<Word, Word> TYPED = Action.of("typed", Word.class, Word.class);
    private static final Action<Word, Word> STREAM = Action.of("stream", Word.class, Word.class);

    private final Census census = new Census();

    /** Throws at the line that the test looks for. */
    private static Message kaput() {
        throw new IllegalStateException("kaput");
    }

    /** Throws in the JDK's code, below this line. */
    private static Word missing() {
        return Objects.requireNonNull(none(), "no word");
    }

    private static @Nullable Word none() {
        return null;
    }

    private Server server() throws Exception {
        return Server.builder()
                .on("raw", request -> kaput())
                .onLoop("loop", request -> kaput())
                .on(TYPED, word -> missing())
                .onStream(STREAM, (word, out) -> kaput())
                .loop(EventLoop.builder().daemon(true))
                .observer(census)
                .listen("tcp://127.0.0.1:0");
    }

    private static String shown(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "loop", "typed", "stream"})
    void theTestsFailureShowsTheHandlersLine(String action) throws Exception {
        var failed = new AssertionError("answered internal");
        try (Server server = server();
                Client client = Client.connect(server.address())) {
            Message word = Message.json("{\"text\": \"x\"}");
            if (action.equals("stream")) {
                assertThatThrownBy(() -> client.stream(STREAM, new Word("x")).receive())
                        .isInstanceOf(RefusedException.class);
            } else {
                assertThatThrownBy(() -> client.call(action, word)).isInstanceOf(RefusedException.class);
            }
            census.addFailuresTo(failed);
        }
        String method = action.equals("typed") ? "missing" : "kaput";
        Throwable told = failed.getSuppressed()[0];
        assertThat(told)
                .hasMessageContaining("the handler of '" + action + "'")
                .hasMessageContaining(
                        ", at dev.parley.tests.server.HandlerLineTest." + method + "(HandlerLineTest.java:");
        assertThat(told.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals(method));
        assertThat(shown(failed)).contains("HandlerLineTest." + method).doesNotContain("CensusExtension");
        census.assertNothingLeft();
    }

    @Test
    void aTestThatDidNotNoticeIsToldTheLineAsWell() throws Exception {
        try (Server server = server();
                Client client = Client.connect(server.address())) {
            assertThatThrownBy(() -> client.call("raw", Message.text("x"))).isInstanceOf(RefusedException.class);
        }
        assertThatThrownBy(census::assertNothingLeft)
                .hasMessageContaining("failed: the handler of 'raw'")
                .hasMessageContaining("HandlerLineTest.kaput(HandlerLineTest.java:")
                .satisfies(left -> assertThat(left.getSuppressed()).hasSize(1));
        assertThat(census.takeFailures()).hasSize(1);
    }
}
