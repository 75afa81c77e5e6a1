package dev.parley.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Message;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@link Message#with} takes, the reader takes with an equal value; what the reader refuses, it refuses. */
class HeaderValuesTest {
    private static final List<String> PIECES = List.of(
            "a", "\"", "\\", "\u0000", "\n", "é", "€", "🐶", "\ud83d", "\udc36", "x".repeat(63), "y".repeat(1_020));

    private static void assertRefused(String key, Object value, String why) {
        Message message = Message.text("x");
        assertThatThrownBy(() -> message.with(key, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static Object nested(int depth) {
        Object value = 1;
        for (int i = 0; i < depth; i++) {
            value = List.of(value);
        }
        return value;
    }

    @Test
    void whatTheReaderMustRefuseIsRefusedByWhoWrites() {
        assertRefused("x", "\ud83d", "half a surrogate pair");
        assertRefused("\ud83d", "x", "half a surrogate pair");
        assertRefused("x", "x".repeat(1_025), "at most 1024 bytes");
        assertRefused("x", "é".repeat(513), "at most 1024 bytes");
        assertRefused("authorization", "x".repeat(4_097), "at most 4096 bytes");
        assertRefused("authorization", 7, "must be a string");
        assertRefused("n".repeat(65), "x", "at most 64 bytes");
        assertRefused("x", new JsonNumber("1".repeat(33)), "at most 32 characters");
        assertRefused("x", new JsonNumber("01"), "as JSON writes it");
        assertRefused("x", new JsonNumber("NaN"), "as JSON writes it");
        assertRefused("x", nested(8), "at most 8 deep");
        assertRefused("x", List.of(1.5), "a header holds");
        assertRefused("x", Collections.singletonList(null), "a header holds");
        assertRefused("x", Map.of(1, 2), "are strings");
        assertRefused("x", List.of(Map.of("a", "\ud83d")), "half a surrogate pair");
        for (String key : List.of("byteorder", "content-type", "content-encoding", "content-length", "id")) {
            assertRefused(key, "x", "the message has it already");
        }
        assertRefused("more", true, "a stream sends several messages");
        assertRefused("control", "ping", "the protocol sets it");
        assertRefused("close", true, "closeAfterResponse(true)");
        Message full = Message.text("x");
        for (int i = 0; i < 48; i++) {
            full = full.with("k" + i, i);
        }
        Message most = full;
        assertThatThrownBy(() -> most.with("one-more", 1)).hasMessageContaining("room for 48 keys");
        assertThat(most.with("k0", 2).header().others()).hasSize(48);
    }

    private static Object value(Random random, int depth) {
        int kind = random.nextInt(depth > 9 ? 5 : 8);
        return switch (kind) {
            case 0 -> text(random);
            case 1 -> random.nextBoolean();
            case 2 ->
                new JsonNumber(List.of("0", "-0", "1e400", "1.50", "-1E-7", "01", "+1", "1".repeat(33))
                        .get(random.nextInt(8)));
            case 3 -> new JsonNumber(Long.toString(random.nextLong()));
            case 4 -> JsonNull.NULL;
            case 5 -> Map.of(text(random), value(random, depth + 1));
            default -> new ArrayList<>(List.of(value(random, depth + 1)));
        };
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    @Test
    void whatIsTakenIsReadWithAnEqualValue() {
        long seed = Long.getLong("parley.header.seed", 20_261_128L);
        var random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < 10_000; i++) {
            String key = "x" + text(random);
            Object value = value(random, 0);
            Message message;
            try {
                message = Message.text("x").with(key, value);
            } catch (IllegalArgumentException refused) {
                continue;
            }
            taken++;
            var reader = new FrameReader(FrameLimits.DEFAULT, Direction.REQUEST);
            FrameReader.Result read = reader.read(
                    ByteBuffer.wrap(FrameWriter.write(message.frame()).array()));
            assertThat(read)
                    .as("seed %d, round %d: %s = %s", seed, i, key, value)
                    .isInstanceOf(FrameReader.Whole.class);
            Map<String, Object> expected = new LinkedHashMap<>(Map.of(key, value));
            assertThat(((FrameReader.Whole) read).frame().header().others())
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(expected);
        }
        assertThat(taken).as("seed %d", seed).isBetween(1_000, 9_000);
    }
}
