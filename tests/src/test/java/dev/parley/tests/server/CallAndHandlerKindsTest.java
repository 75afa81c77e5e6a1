package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests each kind of call at each kind of handler: if they fit, the values arrive; if they do not, the caller reads
 * why. The connection and its other calls go on in any case.
 */
@Timeout(120)
class CallAndHandlerKindsTest {
    private static final CallOptions SHORT = CallOptions.timeout(Duration.ofSeconds(20));

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Server server;

    private static Action<Integer, Integer> action(String name) {
        return Action.of(name, Integer.class, Integer.class);
    }

    @BeforeEach
    void listen() throws Exception {
        server = bed.listen(bed.server()
                .on(action("call"), asked -> asked + 1)
                .onLoop(action("loop"), asked -> asked + 1)
                .on("raw", request -> request)
                .onStream(action("stream"), (asked, out) -> {
                    out.send(asked);
                    out.send(asked + 1);
                })
                .onUpload(action("upload"), in -> {
                    int sum = 0;
                    for (int value : in) {
                        sum += value;
                    }
                    return sum;
                })
                .onDuplex(action("duplex"), (in, out) -> {
                    for (int value : in) {
                        out.send(value);
                    }
                }));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "call   | call   | 4",
                "call   | stream | [4]",
                "call   | duplex | bad-field more must be absent: this action takes one message, not several",
                "call   | upload | bad-field more must be absent: this action takes one message, not several",
                "loop   | call   | 4",
                "loop   | stream | [4]",
                "loop   | duplex | bad-field more must be absent: this action takes one message, not several",
                "loop   | upload | bad-field more must be absent: this action takes one message, not several",
                "raw    | call   | 3",
                "raw    | stream | [3]",
                "raw    | duplex | bad-field more must be absent: this action takes one message, not several",
                "stream | call   | answered with a stream, and not with one message: call stream(…)",
                "stream | stream | [3, 4]",
                "stream | duplex | [3, 4]",
                "stream | upload | unsupported-type the content must be JSON here",
                "upload | call   | 3",
                "upload | stream | [3]",
                "upload | duplex | [7]",
                "duplex | call   | answered with a stream, and not with one message: call stream(…)",
                "duplex | stream | [3]",
                "duplex | duplex | [3, 4]",
                "duplex | upload | unsupported-type the content must be JSON here"
            })
    void eachFitsOrSaysWhy(String handler, String kind, String expected) throws Exception {
        Client client = bed.client(server.address());
        String result = result(() -> call(client, action(handler), kind));
        if (expected.contains(" ") && !expected.startsWith("[")) {
            String code = expected.matches("[a-z]+-[a-z]+ .*") ? expected.substring(0, expected.indexOf(' ')) : "";
            assertThat(result)
                    .startsWith(code)
                    .contains(expected.substring(code.length()).strip());
        } else {
            assertThat(result).isEqualTo(expected);
        }
        assertThat(client.call("raw", Message.text("goes on")).text()).isEqualTo("goes on");
        assertThat(bed.census().closedByReason()).as("closed connections").isEmpty();
    }

    private static Object call(Client client, Action<Integer, Integer> action, String kind) throws Exception {
        return switch (kind) {
            case "call" -> client.call(action, 3, SHORT);
            case "stream" -> {
                try (var in = client.stream(action, 3, SHORT)) {
                    yield all(in);
                }
            }
            case "duplex" -> {
                try (var both = client.duplex(action, SHORT)) {
                    both.send(3);
                    both.send(4);
                    both.end();
                    yield all(both);
                }
            }
            case "upload" ->
                client.upload(
                        Action.of(action.name(), Message.class, Integer.class),
                        new ByteArrayInputStream(new byte[10]),
                        SHORT);
            default -> throw new AssertionError(kind);
        };
    }

    private static List<Integer> all(Iterable<Integer> in) {
        var all = new ArrayList<Integer>();
        in.forEach(all::add);
        return all;
    }

    private static String result(Callable<?> call) throws Exception {
        try {
            return String.valueOf(call.call());
        } catch (UncheckedIOException e) {
            return failure(Objects.requireNonNull(e.getCause()));
        } catch (IOException | ContentException e) {
            return failure(e);
        }
    }

    private static String failure(Exception e) {
        return (e instanceof RefusedException refused ? refused.code() + " " : "") + e.getMessage();
    }
}
