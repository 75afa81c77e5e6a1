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

/**
 * Tests that the reader reads an equal value of whatever {@link Message#with} accepts, and that {@code with} refuses
 * what the reader refuses.
 */
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

    @Test
    void theProtocolsKeysHaveOnlyTheValuesThatTheProtocolAllows() {
        for (Object wrong : List.of("no", 0, JsonNull.NULL, List.of())) {
            assertRefused("reply", wrong, "reply must be true or false");
        }
        for (String key : List.of("action", "status", "authorization", "traceparent", "idempotency-key")) {
            assertRefused(key, JsonNull.NULL, key + " must be a string");
        }
        assertRefused("action", "two words", "action must be 1 to 8 words");
        for (Object wrong : List.of(-1, "5", new JsonNumber("1.0"), new JsonNumber("1".repeat(16)))) {
            assertRefused("timeout-ms", wrong, "timeout-ms must be a whole number of up to 15 digits");
        }
        assertRefused("accept-coding", "gzip", "accept-coding must be an array of strings");
        assertRefused("accept-coding", List.of("gzip", 1), "accept-coding must be an array of strings");
        assertRefused("content-coding", "br", "content-coding must be gzip, or absent");
        assertRefused("content-coding", true, "content-coding must be a string");
        Message empty = Message.text("");
        assertThatThrownBy(() -> empty.withProtocolKey("more", 1)).hasMessage("more must be true or false");
        assertThatThrownBy(() -> empty.withProtocolKey("close", 1)).hasMessage("close must be true or false");
        Message credit = empty.withProtocolKey("control", "credit");
        assertThatThrownBy(() -> credit.with("credit", 1L << 31)).hasMessageStartingWith("credit must be a whole");
        assertThat(empty.with("credit", "platinum").header().text("credit")).isEqualTo("platinum");
    }

    @Test
    void aContentTypeThatTheReaderMustRefuseIsRefusedByWhoWrites() {
        for (String wrong : List.of("", "a\u0000", "a\ud83d", "a".repeat(1_025), "é".repeat(513))) {
            assertThatThrownBy(() -> Message.binary(wrong, new byte[1])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Message.binary(wrong, ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String right : List.of("a", "🐶", "a".repeat(1_024), "é".repeat(512))) {
            assertThat(read(Message.binary(right, new byte[1]), Direction.REQUEST))
                    .isInstanceOf(FrameReader.Whole.class);
        }
    }

    private static FrameReader.Result read(Message message, Direction direction) {
        return new FrameReader(FrameLimits.DEFAULT, direction)
                .read(ByteBuffer.wrap(FrameWriter.write(message.frame()).array()));
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
            FrameReader.Result read = read(message, Direction.REQUEST);
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

    /** Returns values that the rules of the protocol's keys are about, right ones and wrong ones. */
    private static Object valueOfOwnKey(Random random) {
        List<Object> likely = List.of(
                true,
                false,
                0,
                -1,
                new JsonNumber("9".repeat(15)),
                new JsonNumber("1e3"),
                "gzip",
                "ok",
                "a.b",
                "two words",
                List.of(),
                List.of("gzip"),
                List.of(1));
        return random.nextInt(3) == 0 ? value(random, 0) : likely.get(random.nextInt(likely.size()));
    }

    @Test
    void whatIsTakenForAKeyOfTheProtocolIsRead() {
        long seed = Long.getLong("parley.header.seed", 20_261_128L);
        var random = new Random(seed);
        Message packed = Message.binary("x", Gzip.pack(new byte[1])); // so that its content fits content-coding, too
        for (Direction direction : Direction.values()) {
            for (String key : Direction.OWN_KEYS) {
                int taken = 0;
                for (int i = 0; i < 1_000; i++) {
                    Object value = valueOfOwnKey(random);
                    Message message;
                    try {
                        message = packed.with(key, value).going(direction, 1);
                    } catch (IllegalArgumentException refused) {
                        continue;
                    }
                    taken++;
                    assertThat(read(message, direction))
                            .as("seed %d, %s: %s = %s", seed, direction, key, value)
                            .isInstanceOf(FrameReader.Whole.class);
                }
                boolean isForApplications = !List.of("more", "control", "close").contains(key);
                assertThat(taken > 0).as(key).isEqualTo(isForApplications);
            }
        }
    }
}
