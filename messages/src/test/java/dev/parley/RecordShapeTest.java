package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that flat records are read and written by hand as Jackson reads and writes them. */
class RecordShapeTest {
    record Mixed(String zeta, int count, long big, boolean alpha) {}

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    record Sized(String text, byte[] bytes, double price, long id) {}

    static Mixed random(Random random) {
        var text = new StringBuilder();
        for (int left = random.nextInt(20); left > 0; left--) {
            text.appendCodePoint(
                    switch (random.nextInt(8)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> "\"\\/\u007f\u2028\u00e9".charAt(random.nextInt(6));
                        case 2 -> 0x1f430;
                        case 3 -> 0xd800 + random.nextInt(0x800);
                        default -> ' ' + random.nextInt(0x5f);
                    });
        }
        return new Mixed(text.toString(), random.nextInt(), random.nextLong(), random.nextBoolean());
    }

    @Test
    void writesWhatJacksonWrites() {
        var random = new Random(11);
        int written = 0;
        for (int i = 0; i < 20_000; i++) {
            Mixed value = random(random);
            if (RecordShape.writeOrNull(value) != null) {
                written++;
                assertThat(Message.ofValue(value).text())
                        .as("seed 11, round %d", i)
                        .isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
            }
        }
        assertThat(written).isGreaterThan(2_000);
    }

    /** A record whose constructor fails with an error of the program, and counts its calls. */
    record Fatal(String text) {
        private static final AtomicInteger CALLS = new AtomicInteger();

        Fatal {
            CALLS.incrementAndGet();
            if (text.equals("fatal")) {
                throw new AssertionError("of the program");
            }
        }
    }

    @Test
    void anErrorOfAConstructorIsThrownAtOnce() {
        Message message = Message.json("{\"text\": \"fatal\"}");
        assertThatThrownBy(() -> message.as(Fatal.class))
                .isInstanceOf(AssertionError.class)
                .hasMessage("of the program");
        assertThat(Fatal.CALLS).hasValue(1);
    }

    @Test
    void readsWhatJacksonReads() {
        var random = new Random(12);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            Mixed value = new Mixed(
                    "v" + random.nextInt(), random.nextInt() >>> random.nextInt(32), random.nextLong() >>> 1, true);
            String json = "{\"alpha\": %b, \"zeta\":\"%s\", \"big\": %d, \"more\": 1, \"count\":%d}"
                    .formatted(value.alpha, value.zeta, value.big, value.count);
            Mixed byHand = RecordShape.readOrNull(Message.json(json), Mixed.class);
            if (byHand != null) {
                read++;
                assertThat(byHand).as("seed 12, round %d", i).isEqualTo(value);
            }
            assertThat(Message.json(json).as(Mixed.class)).isEqualTo(value);
        }
        assertThat(read).isGreaterThan(2_000);
    }

    /**
     * Texts of every size, with characters that must be escaped and characters beyond ASCII, come back by a scan, and
     * never by Jackson alone.
     */
    @Test
    void longOnesComeBackAsTheyWent() {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        int byHand = 0;
        for (int i = 0; i < 400; i++) {
            Sized value = sized(random);
            Message message = Message.ofValue(value);
            String as = "seed " + seed + ", round " + i;
            assertThat(message.text()).as(as).isEqualTo(JsonMappers.STRICT.writeValueAsString(value));
            assertThat(message.contentLength()).as(as).isEqualTo(message.content().length);
            assertSame(as, message.as(Sized.class), value);
            Message escaped = Message.json(asciiOnly(message.text()));
            assertSame(as, escaped.as(Sized.class), value);
            byHand += RecordShape.readOrNull(escaped.scan(), Sized.class) == null ? 0 : 1;
        }
        assertThat(byHand).as("seed %d", seed).isGreaterThan(300);
    }

    private static Sized sized(Random random) {
        String[] letters = {"a", "ä", "中", "😀", "\n", "\"", "\\", "\u0001", "/"};
        var text = new StringBuilder();
        int plain = 1 + random.nextInt(100);
        for (int left = random.nextInt(random.nextBoolean() ? 20 : 8_000); left > 0; left--) {
            text.append(random.nextInt(plain) == 0 ? letters[random.nextInt(letters.length)] : "b");
        }
        var bytes = new byte[random.nextInt(random.nextBoolean() ? 20 : 9_000)];
        random.nextBytes(bytes);
        double price = random.nextBoolean() ? random.nextInt(100_000) / 100.0 : random.nextDouble() * 1e9;
        return new Sized(text.toString(), bytes, price, random.nextLong() >> random.nextInt(64));
    }

    private static String asciiOnly(String json) {
        var ascii = new StringBuilder();
        json.chars().forEach(unit -> {
            if (unit < 0x80) {
                ascii.append((char) unit);
            } else {
                ascii.append(String.format("\\u%04x", unit));
            }
        });
        return ascii.toString();
    }

    private static void assertSame(String as, Sized read, Sized value) {
        assertThat(read.text).as(as).isEqualTo(value.text);
        assertThat(read.bytes).as(as).isEqualTo(value.bytes);
        assertThat(read.price).as(as).isEqualTo(value.price);
        assertThat(read.id).as(as).isEqualTo(value.id);
    }

    /** The scan returns exactly what Jackson would have read, or nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"text\": \"a\", \"bytes\": \"AAA\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"AA==\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"AB==\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"A A=\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"A-_=\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"AA==AA==\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\\u0041AAA\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": [1], \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": 1, \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": null, \"price\": 1, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": \"1\", \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": -0, \"id\": -0",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": -0.0, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1e400, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1e-400, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 0.1234567890123456789, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": true, \"id\": 1",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1.0",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1e2",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 9223372036854775807",
                "\"text\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 9223372036854775808",
                "\"text\": \"\\ud800\", \"bytes\": \"\", \"price\": 1, \"id\": 1",
                "\"te\\u0078t\": \"a\", \"bytes\": \"\", \"price\": 1, \"id\": 1"
            })
    void theScanReadsWhatJacksonReadsOrNothing(String members) {
        Message message = Message.json("{" + members + "}");
        Sized byHand = RecordShape.readOrNull(message.scan(), Sized.class);
        if (byHand != null) {
            assertSame(members, byHand, JsonMappers.STRICT.readValue(message.content(), Sized.class));
        }
    }
}
