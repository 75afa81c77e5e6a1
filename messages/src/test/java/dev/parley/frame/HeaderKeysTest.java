package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the optional keys of docs/protocol.md, section 4: their values, from which side, and the error for a wrong
 * value.
 */
class HeaderKeysTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"id\":1|whole 1 {}",
                "\"id\":9007199254740991|whole 9007199254740991 {}",
                "\"id\":0|broken bad-field",
                "\"id\":9007199254740992|broken bad-field",
                "\"id\":10000000000000000|broken bad-field",
                "\"id\":-1|broken bad-field",
                "\"id\":\"1\"|broken bad-field",
                "\"id\":null|broken bad-field",
                "\"id\":7,\"more\":1|broken bad-field",
                "\"id\":7,\"more\":null|broken bad-field",
                "\"id\":7,\"more\":false|whole 7 {}",
                "\"id\":7,\"reply\":\"yes\"|broken bad-field",
                "\"id\":7,\"reply\":true|whole 7 {}",
                "\"id\":7,\"control\":1|broken bad-field",
                "\"id\":7,\"control\":\"ping\"|broken bad-field", // its content-length is not 0
                "\"id\":7,\"action\":\"a.b\"|whole 7 {}",
                "\"id\":7,\"action\":\"a b\"|refused 7 bad-field",
                "\"id\":7,\"action\":7|refused 7 bad-field",
                "\"id\":7,\"authorization\":null|refused 7 bad-field",
                "\"id\":7,\"traceparent\":1|refused 7 bad-field",
                "\"id\":7,\"idempotency-key\":[]|refused 7 bad-field",
                "\"id\":7,\"timeout-ms\":0|whole 7 {}",
                "\"id\":7,\"timeout-ms\":999999999999999|whole 7 {}",
                "\"id\":7,\"timeout-ms\":1000000000000000|refused 7 bad-field",
                "\"id\":7,\"timeout-ms\":1.5|refused 7 bad-field",
                "\"id\":7,\"timeout-ms\":\"5\"|refused 7 bad-field",
                "\"id\":7,\"accept-coding\":[]|whole 7 {}",
                "\"id\":7,\"accept-coding\":[\"gzip\"]|whole 7 {}",
                "\"id\":7,\"accept-coding\":[\"gzip\",1]|refused 7 bad-field",
                "\"id\":7,\"accept-coding\":\"gzip\"|refused 7 bad-field",
                "\"id\":7,\"content-coding\":1|refused 7 bad-field",
                "\"id\":7,\"content-coding\":\"gzip\"|refused 7 bad-content",
                "\"id\":7,\"content-coding\":\"br\"|refused 7 unsupported-encoding",
                "\"more\":true|broken bad-field",
                "\"id\":7,\"more\":true|whole 7 {}",
                "\"id\":7,\"reply\":false|whole 7 {}",
                "\"id\":7,\"status\":\"ok\"|refused 7 bad-field",
                "\"id\":7,\"close\":true|refused 7 bad-field",
                "\"id\":7,\"nobodys\":null|whole 7 {}"
            })
    void ofRequests(String keys, String expected) {
        assertThat(ReadFrames.word(Direction.REQUEST, keys, "{}")).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"control\":\"ping\"|`whole 0 `",
                "\"control\":\"pong\",\"id\":7|`whole 7 `",
                "\"control\":\"unknown-control\"|`whole 0 `",
                "\"control\":\"cancel\",\"id\":7|`whole 7 `",
                "\"control\":\"cancel\"|broken bad-field",
                "\"control\":\"credit\",\"id\":7,\"credit\":0|`whole 7 `",
                "\"control\":\"credit\",\"id\":7,\"credit\":2147483647|`whole 7 `",
                "\"control\":\"credit\",\"id\":7,\"credit\":2147483648|broken bad-field",
                "\"control\":\"credit\",\"id\":7,\"credit\":10000000000|broken bad-field",
                "\"control\":\"credit\",\"id\":7,\"credit\":1.5|broken bad-field",
                "\"control\":\"credit\",\"id\":7,\"credit\":-1|broken bad-field",
                "\"control\":\"credit\",\"id\":7,\"credit\":\"1\"|broken bad-field",
                "\"control\":\"credit\",\"id\":7|broken bad-field",
                "\"control\":\"credit\",\"credit\":1|broken bad-field",
                "\"control\":\"going-away\"|broken bad-field"
            })
    void ofControls(String keys, String expected) {
        assertThat(ReadFrames.word(Direction.REQUEST, keys, "")).isEqualTo(expected);
    }

    @Test
    void goingAwayIsTheServersToSay() {
        assertThat(ReadFrames.word(Direction.RESPONSE, "\"control\":\"going-away\"", ""))
                .isEqualTo("whole 0 ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"id\":7,\"status\":\"failed\"|whole 7 {}",
                "\"id\":7,\"status\":5|refused 7 bad-field",
                "\"close\":true|whole 0 {}",
                "\"close\":false|whole 0 {}",
                "\"close\":\"true\"|refused 0 bad-field",
                "\"id\":7,\"action\":\"a\"|refused 7 bad-field",
                "\"id\":7,\"timeout-ms\":5|refused 7 bad-field"
            })
    void ofResponses(String keys, String expected) {
        assertThat(ReadFrames.word(Direction.RESPONSE, keys, "{}")).isEqualTo(expected);
    }

    @Test
    void anEchoOfOurOwnRequestIsGuessedAt() {
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.RESPONSE);
        var bytes = ByteBuffer.wrap(ReadFrames.message("\"action\":\"a\"", "{}"));
        assertThat(reader.read(bytes))
                .isInstanceOfSatisfying(FrameReader.Refused.class, refused -> assertThat(refused.error())
                        .hasMessageContaining("did an echo server send our request back?"));
    }

    /** A control is never answered, so an error that would refuse a request ends the connection. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "REQUEST|\"control\":\"ping\"|whole 0 ",
                "REQUEST|\"control\":\"whatever\"|whole 0 ",
                "REQUEST|\"control\":\"going-away\"|broken bad-field",
                "RESPONSE|\"control\":\"going-away\"|whole 0 ",
                "REQUEST|\"control\":\"ping\",\"timeout-ms\":-1|broken bad-field",
                "REQUEST|\"control\":null|broken bad-field"
            },
            ignoreLeadingAndTrailingWhitespace = false)
    void ofControls(Direction direction, String keys, String expected) {
        var reader = new FrameReader(FrameLimits.DEFAULT, direction);
        assertThat(ReadFrames.words(reader, ReadFrames.message(keys, ""))).isEqualTo(List.of(expected));
    }

    /** Fatal errors are looked for before the others. */
    @Test
    void aFatalErrorIsNotHiddenBehindAnother() {
        assertThat(ReadFrames.word(Direction.REQUEST, "\"action\":\"a b\",\"id\":0", "{}"))
                .isEqualTo("broken bad-field");
        assertThat(ReadFrames.words(
                        new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST),
                        ReadFrames.frame("{\"byteorder\":\"middle\"}", "")))
                .containsExactly("broken missing-field");
    }

    /** The content that a refused message announces is skipped, also if it has none. */
    @Test
    void afterARefusalTheNextMessageIsRead() {
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
        assertThat(ReadFrames.words(
                        reader,
                        ReadFrames.message("\"id\":1,\"action\":\"\"", ""),
                        ReadFrames.message("\"id\":2,\"action\":\"\"", "skipped"),
                        ReadFrames.message("\"id\":3", "read")))
                .containsExactly("refused 1 bad-field", "refused 2 bad-field", "whole 3 read");
    }

    @Test
    void jsonOfBothNamesIsNeverBinary() {
        String start =
                "{\"byteorder\":\"big\",\"content-encoding\":\"binary\",\"content-length\":2,\"content-type\":\"";
        var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
        assertThat(ReadFrames.words(
                        reader,
                        ReadFrames.frame(start + "application/json\"}", "{}"),
                        ReadFrames.frame(start + "text/plain\"}", "{}")))
                .containsExactly("refused 0 unsupported-encoding", "whole 0 {}");
    }
}
